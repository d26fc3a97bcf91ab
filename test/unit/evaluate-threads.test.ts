import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { comparisonTable } from '../../calibration/comparison-table.ts';
import { comparisonsOf, Evaluation, report, type SetMeasurement } from '../../calibration/evaluation.ts';
import { errorRates } from '../../calibration/error-rates.ts';
import { readPrintSet } from '../../calibration/print-set.ts';

const folder = mkdtempSync(join(tmpdir(), 'whorl-evaluate-'));
after(() => {
  rmSync(folder, { recursive: true });
});

/** Made-up fingers, shifted a little in each impression; one impression is damaged and one has no minutiae. */
function writeFingers(fingers: number): void {
  for (let finger = 0; finger < fingers; finger++) {
    for (let impression = 1; impression <= 8; impression++) {
      const lines = Array.from({ length: 24 }, (_, k) => {
        const place = (finger * 7919 + k * 104_729) % 65_521;
        return `${20 + (place % 220) + impression} ${20 + ((place * 31) % 260) + 2 * impression} ${(place * 17) % 360} 60`;
      });
      writeFileSync(join(folder, `f${finger}_${impression}.xyt`), `${lines.join('\n')}\n`);
    }
  }
  writeFileSync(join(folder, 'f0_2.xyt'), 'not a record\n');
  writeFileSync(join(folder, 'f1_7.xyt'), '');
  writeFileSync(join(folder, 'README.md'), 'words\n');
}

async function measure(jobs: number): Promise<SetMeasurement> {
  const evaluation = new Evaluation({ matchers: ['minutiae'], jobs });
  try {
    return await evaluation.measure(readPrintSet(folder, 500));
  } finally {
    await evaluation.close();
  }
}

test('a set is measured the same by one thread and by three, and nothing is dropped', async () => {
  writeFingers(5);
  const [one, three] = [await measure(1), await measure(3)];
  assert.deepEqual(one.scores, three.scores);
  assert.deepEqual(one.set.ignored, ['README.md']);
  assert.deepEqual(one.failures.map(({ file }) => file).sort(), ['f0_2.xyt', 'f1_7.xyt']);

  const { set, images, fingers, failureToAcquire, matchers, extractMs, compareUs, templateBytes } = report([one]);
  assert.equal(set, folder.split('/').at(-1));
  assert.deepEqual([images, fingers, failureToAcquire], [40, 5, 2]);
  assert.deepEqual(extractMs, { p50: null, p95: null });
  assert.ok(Number(compareUs.p50) > 0 && Number(compareUs.p95) >= Number(compareUs.p50));
  assert.equal(templateBytes.mean, templateBytes.max);
  const { pairs, touches4 } = matchers.minutiae;
  assert.deepEqual([pairs.genuine, pairs.impostor], [5 * 28, 40 * 39 * 0.5 - 5 * 28]);
  assert.deepEqual([touches4.genuine, touches4.impostor], [20, 80]);
  // The damaged impressions miss all seven of their genuine comparisons each, at every threshold that keeps impostors out.
  assert.ok(Number(pairs.zeroFmr) >= 10, String(pairs.zeroFmr));
  // A damaged impression among four enrolled ones costs nothing, a damaged probe one of 20 tries.
  assert.equal(touches4.fnmrAtFmr1, 5);

  // The pool of a set with itself has the same rates.
  const pool = report([one, three]);
  assert.equal(pool.set, 'pool');
  assert.equal(pool.matchers.minutiae.pairs.eer, pairs.eer);
  assert.equal(pool.matchers.minutiae.pairs.impostor, 2 * pairs.impostor);

  // The table of comparisons gives the same rates to whoever works them out again.
  const lines = comparisonTable([one]).trimEnd().split('\n');
  assert.equal(lines[0], 'a,b,genuine,minutiae');
  const rows = lines.slice(1).map((line) => line.split(','));
  assert.equal(rows.length, 780);
  assert.equal(new Set(rows.map(([a, b]) => [a, b].sort().join())).size, 780);
  assert.equal(rows.filter(([, , genuine]) => genuine === '1').length, 140);
  const again = errorRates({
    scores: Float64Array.from(rows, ([, , , score]) => Number(score)),
    references: new Uint32Array(rows.length),
    probes: Uint32Array.from(rows, ([, , genuine]) => 1 - Number(genuine)),
  });
  assert.equal(again.eer, errorRates(comparisonsOf([one], 'minutiae', 'pairs').comparisons).eer);
  for (const [a, b, , score] of rows)
    if ([a, b].includes('f0_2.xyt') || [a, b].includes('f1_7.xyt')) assert.equal(score, '-1');
    else assert.ok(Number(score) >= 0);
});
