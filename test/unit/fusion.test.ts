import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { fitFusion } from '../../calibration/fit-fusion.ts';
import { FusionError } from '../../device/matching/fusion/errors.ts';
import { type FusionFile, parseFusionFile } from '../../device/matching/fusion/fusion-file.ts';
import { fits, Fusion } from '../../device/matching/fusion/fusion.ts';
import { type Part } from '../../device/matching/fusion/parts.ts';
import { fmrAt } from '../../device/matching/decision/evidence.ts';
import { decimalCalibration } from '../support/calibration.ts';

/** Evenly spread normal deviates, shuffled by a fixed stride, so that columns do not go together. */
function normals(count: number, stride: number): Float64Array {
  const values = Float64Array.from({ length: count }, (_, i) => {
    const u = (i + 0.5) / count;
    const w = ((i * 0.618033988749895) % 1) * (1 - 1 / count) + 0.5 / count;
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * w);
  });
  return values.map((_, i) => values[(i * stride + 17) % count]);
}

const COUNT = 20_011;

/** Same fingers score `apart` higher on average, everything else is unit noise. */
function scores(apart: readonly number[]): { columns: Float64Array[]; genuine: Uint8Array } {
  const genuine = Uint8Array.from({ length: COUNT }, (_, i) => (i % 7 === 0 ? 1 : 0));
  const columns = apart.map((step, part) =>
    normals(COUNT, [3571, 7919, 1013][part]).map((value, i) => value + step * genuine[i]),
  );
  return { columns, genuine };
}

describe('fitting a fusion', () => {
  it('finds the likelihood ratio of normal scores: the weight is how far the kinds are apart', () => {
    const { weights, from, offset } = fitFusion(scores([2]));
    assert.ok(Math.abs(weights[0] - 2) < 0.15, String(weights));
    // Half way between the kinds neither is likelier, although six of seven are impostors.
    assert.ok(Math.abs(offset + (2 * 2) / 2) < 0.25, String(offset));
    assert.deepEqual(from, [null]);
  });

  it('lets the parts beside the first speak from where one impostor in ten comes, the better the louder', () => {
    const { weights, from } = fitFusion(scores([2, 1.5, 0]));
    for (const beginning of from.slice(1)) assert.ok(Math.abs((beginning ?? 0) - 1.28) < 0.1, String(from));
    assert.ok(weights[0] > 1.6 && weights[1] > 0.8 && weights[2] < 0.2, String(weights));
  });

  it('gives a part that speaks against the truth no say', () => {
    const { weights } = fitFusion(scores([2, -1, 0.5]));
    assert.equal(weights[1], 0);
    assert.ok(weights[0] > 1.5 && weights[2] > 0.2);
    assert.deepEqual(fitFusion(scores([-1])).weights, [0]);
  });

  it('stays finite where the kinds part fully, and with a part that is always the same', () => {
    const genuine = Uint8Array.from({ length: 100 }, (_, i) => (i < 20 ? 1 : 0));
    const { weights, offset } = fitFusion({
      columns: [Float64Array.from(genuine, (same, i) => 10 * same + i / 1000), new Float64Array(100).fill(3)],
      genuine,
    });
    assert.ok(weights.every(Number.isFinite) && Number.isFinite(offset) && weights[0] > 0);
  });
});

function fusionFile(...combinations: { parts: Part[]; weights: number[]; offset: number }[]): FusionFile {
  return parseFusionFile({
    version: 1,
    models: { backbone: '0123456789abcdef', siamese: 'fedcba9876543210' },
    combinations: combinations.map((one) => ({
      ...one,
      from: one.parts.map((_, part) => (part === 0 ? null : 1)),
      calibration: decimalCalibration(),
    })),
  });
}

describe('a fusion', () => {
  const minutiae = { ...decimalCalibration(), tailScale: 1 };
  const file = fusionFile(
    { parts: ['minutiae', 'siamese'], weights: [2, 0.5], offset: -1 },
    { parts: ['siamese'], weights: [1], offset: 0.5 },
  );
  const fusion = new Fusion(minutiae, file);

  it('adds up what is there', () => {
    assert.equal(fusion.score({ minutiae: 1.5, siamese: 3 }), 3);
    // Below its beginning a part says nothing, neither for nor against.
    assert.equal(fusion.score({ minutiae: 1.5, siamese: -7 }), 2);
    assert.deepEqual(fusion.parts, ['minutiae', 'siamese']);
    assert.ok(Number.isNaN(fusion.score({})) && Number.isNaN(fusion.score({ latent: 0.5, minutiae: NaN })));
  });

  it('tells a comparison without some part as the score that is as rare', () => {
    for (const score of [0.3, 1, 2.5, 4, 9])
      assert.ok(
        Math.abs(
          Math.log(fmrAt(fusion.calibration, fusion.score({ minutiae: score, siamese: NaN })) / fmrAt(minutiae, score)),
        ) < 1e-9,
      );
    assert.ok(Math.abs(fusion.score({ siamese: 1.5, latent: 0.9 }) - 2) < 1e-9);
  });

  it('rests on minutiae alone without a file, in their own scores', () => {
    const alone = new Fusion(minutiae);
    assert.equal(alone.score({ minutiae: 1.25, siamese: 8, latent: 1 }), 1.25);
    assert.equal(alone.calibration, minutiae);
    assert.ok(Number.isNaN(alone.score({ siamese: 8 })));
  });

  it('never falls where any part rises', () => {
    const part = fc.double({ min: 0, max: 12, noNaN: true });
    fc.assert(
      fc.property(part, part, part, part, (a, b, more, less) => {
        assert.ok(fusion.score({ minutiae: a + more, siamese: b + less }) >= fusion.score({ minutiae: a, siamese: b }));
        assert.ok(fusion.score({ minutiae: a + more }) >= fusion.score({ minutiae: a }) - 1e-12);
      }),
    );
  });

  it('is refused for other models, and is no file with a negative weight', () => {
    const running = { backbone: '0123456789abcdef', siamese: 'fedcba9876543210', encoder: '0000000000000000' };
    assert.ok(fits(file, running));
    assert.ok(!fits(file, { ...running, siamese: '0000000000000000' }));
    assert.ok(!fits(file, { backbone: running.backbone }));
    const broken: unknown[] = [undefined, {}, { ...file, version: 2 }];
    for (const weights of [[2, -0.1], [2], [2, NaN]])
      broken.push({ ...file, combinations: [{ ...file.combinations[0], weights }] });
    for (const value of broken)
      assert.throws(
        () => parseFusionFile(value),
        (error) => error instanceof FusionError && error.code === 'fusion.bad-file',
      );
  });
});
