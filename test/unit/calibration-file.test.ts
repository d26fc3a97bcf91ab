import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DEFAULT_BUDGET, thresholdFor } from '../../device/matching/decision/budget.ts';
import { DecisionError } from '../../device/matching/decision/errors.ts';
import { parseScoreCalibration } from '../../device/matching/decision/score-calibration.ts';
import { readScoreCalibration } from '../../device/score-calibration.ts';
import { decimalCalibration } from '../support/calibration.ts';

const folder = mkdtempSync(join(tmpdir(), 'whorl-calibration-'));
after(() => {
  rmSync(folder, { recursive: true });
});

function refused(error: unknown): boolean {
  return error instanceof DecisionError && error.code === 'decision.bad-calibration';
}

test('the calibration that comes with Whorl is whole and gives a threshold', async () => {
  const shipped = await readScoreCalibration();
  assert.equal(shipped.matcher, 'minutiae');
  assert.ok(shipped.data.impostor > 10_000 && shipped.cllr < 0.3);
  const { score, llr } = thresholdFor(shipped, DEFAULT_BUDGET, 400);
  assert.ok(score > 0 && llr > 0);
});

test('what is no calibration is refused with a reason', async () => {
  await assert.rejects(readScoreCalibration(join(folder, 'missing.json')), refused);
  const path = join(folder, 'broken.json');
  writeFileSync(path, '{"version": 1');
  await assert.rejects(readScoreCalibration(path), refused);
  const good = decimalCalibration();
  assert.deepEqual(parseScoreCalibration(JSON.parse(JSON.stringify(good))), good);
  const spoiled: Record<string, unknown>[] = [
    { ...good, version: 2 },
    { ...good, tailScale: 0 },
    { ...good, tailScale: null },
    { ...good, extra: 1 },
    { ...good, llr: [[0, 1]] },
    { ...good, llr: [[0, 1], [1, 0]] }, // prettier-ignore
    { ...good, fmr: [[0, 0.1], [1, 0.2]] }, // prettier-ignore
    { ...good, fmr: [[1, 0.2], [0, 0.1]] }, // prettier-ignore
    { ...good, fmr: [[0, 1], [1, 0]] }, // prettier-ignore
  ];
  for (const value of [undefined, null, 7, [], {}, ...spoiled])
    assert.throws(() => parseScoreCalibration(value), refused);
});
