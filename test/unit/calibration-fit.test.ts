import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Comparisons } from '../../calibration/error-rates.ts';
import { CalibrationError } from '../../calibration/errors.ts';
import { fitScores } from '../../calibration/fit-scores.ts';
import { fmrAt, llrAt, scoreAtFmr } from '../../device/matching/decision/evidence.ts';

/** Genuine and impostor scores at even quantiles of the given distributions. */
function comparisons(
  genuine: number,
  genuineAt: (share: number) => number,
  impostor: number,
  impostorAt: (share: number) => number,
): Comparisons {
  const share = (i: number, count: number): number => (i + 0.5) / count;
  return {
    scores: Float64Array.from({ length: genuine + impostor }, (_, i) =>
      i < genuine ? genuineAt(share(i, genuine)) : impostorAt(share(i - genuine, impostor)),
    ),
    references: new Uint32Array(genuine + impostor),
    probes: Uint32Array.from({ length: genuine + impostor }, (_, i) => (i < genuine ? 0 : 1)),
  };
}

/** Impostors fall by e for each point of score; genuine are as likely at every score from 0 to 10. */
const known = comparisons(
  5000,
  (share) => 10 * share,
  50_000,
  (share) => -Math.log(1 - share),
);

test('a known distribution is found again: false match rate, tail and likelihood ratio', () => {
  const fit = fitScores(known);
  for (const score of [0.5, 1, 3, 5, 7]) {
    const true_ = Math.exp(-score);
    assert.ok(Math.abs(Math.log(fmrAt(fit, score) / true_)) < 0.1, `FMR at ${score}: ${fmrAt(fit, score)}`);
  }
  assert.ok(Math.abs(fit.tailScale - 1) < 0.1, String(fit.tailScale));
  // Beyond the data (the highest impostor is at 11.5) the tail goes on, within a third of a decade in four.
  assert.ok(Math.abs(Math.log10(fmrAt(fit, 16) / Math.exp(-16))) < 0.5, String(fmrAt(fit, 16)));
  for (const score of [1, 3, 5, 7]) {
    const ratio = Math.log(0.1) + score;
    assert.ok(Math.abs(llrAt(fit, score) - ratio) < 0.35, `LLR at ${score}: ${llrAt(fit, score)}, not ${ratio}`);
  }
});

test('the curves are monotone and the score of a rate is the inverse of the rate of a score', () => {
  const fit = fitScores(known);
  let fmr = Infinity;
  let llr = -Infinity;
  for (let score = -1; score < 40; score += 0.05) {
    assert.ok(fmrAt(fit, score) <= fmr && llrAt(fit, score) >= llr, `at ${score}`);
    [fmr, llr] = [fmrAt(fit, score), llrAt(fit, score)];
  }
  for (const rate of [0.5, 0.01, 1e-3, 1e-5, 1e-9])
    assert.ok(Math.abs(Math.log(fmrAt(fit, scoreAtFmr(fit, rate)) / rate)) < 1e-6, String(rate));
});

test('a tail that gets lighter is drawn on by its slow part: rates too high rather than too low', () => {
  const bounded = comparisons(
    1000,
    (share) => 2 * share,
    20_000,
    (share) => 1 - (1 - share) ** 0.25,
  );
  const fit = fitScores(bounded);
  for (const score of [0.9, 0.95]) {
    const true_ = (1 - score) ** 4;
    assert.ok(fmrAt(fit, score) >= true_ * 0.98, `${score}: ${fmrAt(fit, score)} against ${true_}`);
  }
});

test('the cost is the least that these distributions allow', () => {
  const bits = (scores: readonly number[], sign: number): number =>
    scores.reduce((sum, score) => sum + Math.log2(1 + Math.exp(sign * (Math.log(0.1) + score))), 0) / scores.length;
  const all = [...known.scores];
  const true_ = (bits(all.slice(0, 5000), -1) + bits(all.slice(5000), 1)) / 2;
  const { cllr, minCllr } = fitScores(known);
  assert.ok(
    minCllr <= cllr && Math.abs(minCllr - true_) < 0.005 && cllr - true_ < 0.005,
    `${cllr} ${minCllr} ${true_}`,
  );
});

test('too few, perfectly parted or useless comparisons are refused, not guessed from', () => {
  const refused = (error: unknown): boolean =>
    error instanceof CalibrationError && error.code === 'calibration.too-few-comparisons';
  assert.throws(
    () =>
      fitScores(
        comparisons(
          10,
          (s) => s,
          5000,
          (s) => s,
        ),
      ),
    refused,
  );
  assert.throws(
    () =>
      fitScores(
        comparisons(
          100,
          (s) => s + 5,
          5000,
          (s) => s,
        ),
      ),
    refused,
  );
  assert.throws(
    () =>
      fitScores(
        comparisons(
          500,
          (s) => s,
          5000,
          (s) => s + 1e-7,
        ),
      ),
    refused,
  );
});
