import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  errorRates,
  operatingPoints,
  percentile,
  pointAtFmr,
  type Comparisons,
} from '../../calibration/error-rates.ts';

function comparisons(genuine: readonly number[], impostor: readonly number[]): Comparisons {
  return {
    scores: Float64Array.of(...genuine, ...impostor),
    references: new Uint32Array(genuine.length + impostor.length),
    probes: Uint32Array.from([...genuine.map(() => 0), ...impostor.map(() => 1)]),
  };
}

function range(count: number, value: (i: number) => number): number[] {
  return Array.from({ length: count }, (_, i) => value(i));
}

test('rates of a small table worked out by hand', () => {
  const rates = errorRates(comparisons([9, 8, 7, 3], [6, 5, 4, 2, 1, 1, 1, 1]));
  assert.equal(rates.genuine, 4);
  assert.equal(rates.impostor, 8);
  // At 5 a quarter of the genuine is missed and a quarter of the impostors let in.
  assert.equal(rates.eer, 0.25);
  assert.equal(rates.fnmrAtFmr1, 0.25);
  assert.equal(rates.zeroFmr, 0.25);
});

test('equal scores fall on the same side of a threshold', () => {
  const points = operatingPoints(comparisons([2, 1], [1, 1, 0]));
  assert.deepEqual(
    points.map(({ threshold, fmr, fnmr }) => [threshold, fmr, fnmr]),
    [
      [Infinity, 0, 1],
      [2, 0, 0.5],
      [1, 2 / 3, 0],
      [0, 1, 0],
    ],
  );
});

test('the equal error rate follows the peers’ published convention', () => {
  // NBIS on crossmatch, four touches: no genuine touch (96) below the one best impostor (of 2,208): published 0.02 %.
  const nbis = comparisons(
    range(96, (i) => (i === 0 ? 40 : 100 + i)),
    range(2208, (i) => (i === 0 ? 41 : 0)),
  );
  assert.equal(
    (100 * errorRates({ ...nbis, scores: nbis.scores.map((s) => (s === 41 ? 40 : s)) }).eer).toFixed(2),
    '0.02',
  );
  // SourceAFIS there: one genuine touch missed, 13 impostors above it: published 0.82 / 1.04 %.
  const sourceAfis = errorRates(
    comparisons(
      range(96, (i) => (i === 0 ? 10 : 100 + i)),
      range(2208, (i) => (i < 13 ? 20 + i : 0)),
    ),
  );
  assert.equal((100 * sourceAfis.eer).toFixed(2), '0.82');
  assert.equal((100 * sourceAfis.fnmrAtFmr01).toFixed(2), '1.04');
});

test('FNMR at an FMR stays within the FMR: no interpolation', () => {
  // 0.1 % of 2,880 impostors is 2.88: two may pass.
  const rates = errorRates(
    comparisons(
      range(280, (i) => i),
      range(2880, (i) => (i < 3 ? 277.5 - 10 * i : -1)),
    ),
  );
  assert.equal(rates.fnmrAtFmr01, 258 / 280);
  assert.equal(rates.zeroFmr, 278 / 280);
  assert.equal(pointAtFmr(operatingPoints(comparisons([5], [5])), 0.001).threshold, Infinity);
});

test('without genuine or without impostors there is no rate', () => {
  assert.ok(Number.isNaN(errorRates(comparisons([], [1])).eer));
  assert.ok(Number.isNaN(errorRates(comparisons([1], [])).fnmrAtFmr01));
});

test('percentiles interpolate between neighbours', () => {
  assert.equal(percentile([1, 2, 3, 4], 0.5), 2.5);
  assert.equal(percentile([7], 0.95), 7);
  assert.ok(Number.isNaN(percentile([], 0.5)));
});
