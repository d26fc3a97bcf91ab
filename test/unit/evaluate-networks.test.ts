import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { calibrateFusion, crossFused } from '../../calibration/calibrate-fusion.ts';
import { CalibrationError } from '../../calibration/errors.ts';
import { comparisonsOf, Evaluation, report, type SetMeasurement } from '../../calibration/evaluation.ts';
import { LOWEST } from '../../calibration/matchers.ts';
import { pairIndex } from '../../calibration/pair-index.ts';
import { readPrintSet } from '../../calibration/print-set.ts';
import { Fusion } from '../../device/matching/fusion/fusion.ts';
import { drawFolder } from '../support/artificial-folder.ts';
import { decimalCalibration } from '../support/calibration.ts';
import { scratch } from '../support/scratch.ts';
import { ToyNetworks } from '../support/toy-networks.ts';

test('networks are evaluated beside the minutiae, once: their outcome is kept, and a damaged print has none', async (context) => {
  const folder = scratch(context);
  await drawFolder(folder, 3, 3);
  writeFileSync(join(folder, '1_2.png'), 'no picture');
  const cache = join(scratch(context), 'kept');
  const inference = new ToyNetworks();
  const measure = async (): Promise<SetMeasurement> => {
    const evaluation = new Evaluation({
      matchers: ['minutiae', 'siamese', 'latent', 'fused'],
      jobs: 1,
      networks: { inference, cache },
      fusion: new Fusion(decimalCalibration()),
    });
    try {
      return await evaluation.measure(readPrintSet(folder, 500));
    } finally {
      await evaluation.close();
    }
  };
  const first = await measure();
  assert.deepEqual(inference.runs, { backbone: 8, encoder: 8, siamese: 7 });
  assert.equal(readdirSync(cache).length, 2);
  assert.deepEqual((await measure()).parts, first.parts);
  assert.equal(inference.runs.backbone, 8);

  const damaged = first.set.prints.findIndex(({ file }) => file === '1_2.png');
  for (const [name, scores] of first.scores)
    for (let other = 0; other < first.set.prints.length; other++) {
      if (other === damaged) continue;
      const pair = pairIndex(Math.min(damaged, other), Math.max(damaged, other));
      assert.equal(scores[pair], LOWEST[name as keyof typeof LOWEST]);
    }
  assert.deepEqual(
    first.scores.get('fused')?.map((score) => (score === LOWEST.fused ? -1 : score)),
    first.scores.get('minutiae'),
  );
  assert.ok(first.parts.get('latent')?.some((cosine) => cosine > -1 && cosine < 1));

  // Another model's outcome is another one; what did not rest on it stays.
  inference.ids.encoder = '0123456789abcdef';
  await measure();
  assert.deepEqual(inference.runs, { backbone: 16, encoder: 16, siamese: 7 });
  inference.ids.backbone = '0123456789abcdef';
  await measure();
  assert.deepEqual(inference.runs, { backbone: 24, encoder: 24, siamese: 14 });
});

test('without networks nothing but minutiae can be evaluated', async (context) => {
  const folder = scratch(context);
  writeFileSync(join(folder, 'f1_1.xyt'), '30 40 50 60\n');
  const evaluation = new Evaluation({ matchers: ['siamese'], jobs: 1 });
  await assert.rejects(
    evaluation.measure(readPrintSet(folder, 500)),
    (error) => error instanceof CalibrationError && error.code === 'calibration.no-models',
  );
  await evaluation.close();
});

/** Thirty fingers of eight impressions: minutiae part them well but for every fifth try, the siamese net helps there. */
function madeUp(): SetMeasurement {
  const prints = Array.from({ length: 240 }, (_, k) => {
    const [finger, impression] = [`f${String(k % 30).padStart(2, '0')}`, 1 + Math.floor(k / 30)];
    return { file: `${finger}_${impression}.png`, path: import.meta.filename, finger, impression };
  });
  const pairs = pairIndex(0, prints.length);
  const columns = {
    minutiae: new Float64Array(pairs),
    siamese: new Float64Array(pairs),
    latent: new Float64Array(pairs),
  };
  let state = 7;
  const noise = (): number => {
    let sum = -3;
    for (let k = 0; k < 6; k++) sum += (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
    return sum;
  };
  prints.forEach(({ finger }, p) => {
    for (let r = 0; r < p; r++) {
      const pair = pairIndex(r, p);
      const same = prints[r].finger === finger ? 1 : 0;
      columns.minutiae[pair] = same * (pair % 5 === 0 ? 0.3 : 3) + noise();
      columns.siamese[pair] = 1.5 * same + noise();
      columns.latent[pair] = noise();
    }
  });
  const parts = new Map(Object.entries(columns)) as SetMeasurement['parts'];
  return {
    set: {
      name: 'made-up',
      dpi: 500,
      prints,
      fingers: [...new Set(prints.map(({ finger }) => finger))].sort(),
      ignored: [],
    },
    failures: [],
    extractMs: new Float64Array(),
    compareUs: new Float64Array(),
    templateBytes: new Float64Array(),
    scores: new Map(parts),
    parts,
  };
}

test('a fusion fitted to one half of the fingers does better on the other than minutiae alone', async () => {
  const measured = [madeUp()];
  const models = { backbone: '0123456789abcdef' };
  const file = await calibrateFusion(measured, models);
  assert.deepEqual(file.models, models);
  const [whole] = file.combinations;
  assert.deepEqual(whole.parts, ['minutiae', 'siamese', 'latent']);
  assert.ok(whole.weights[0] > 0.5 && whole.weights[1] > 0.5 && whole.weights[2] < 0.3, String(whole.weights));
  assert.equal(whole.calibration.data.genuine + whole.calibration.data.impostor, pairIndex(0, 240));

  const crossed = await crossFused(measured, models, decimalCalibration());
  const { matchers } = report(crossed);
  assert.ok((matchers.fused.pairs.eer ?? 100) < (matchers.minutiae.pairs.eer ?? 0) / 2, JSON.stringify(matchers.fused));
  // Every comparison is there, and not by the fusion of all fingers.
  const { scores } = comparisonsOf(crossed, 'fused', 'pairs').comparisons;
  assert.equal(scores.length, pairIndex(0, 240));
  const fusion = new Fusion(decimalCalibration(), file);
  const own = fusion.score({
    minutiae: measured[0].parts.get('minutiae')?.[9] ?? NaN,
    siamese: measured[0].parts.get('siamese')?.[9] ?? NaN,
    latent: measured[0].parts.get('latent')?.[9] ?? NaN,
  });
  assert.notEqual(scores[9], own);
});
