import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Budget, DEFAULT_BUDGET, explainBudget, thresholdFor } from '../../device/matching/decision/budget.ts';
import { DecisionError } from '../../device/matching/decision/errors.ts';
import { evidenceOf, provenFmr, reachOf } from '../../device/matching/decision/evidence.ts';
import { decimalCalibration } from '../support/calibration.ts';

const calibration = decimalCalibration();
/** 1,000 strangers' touches in all. */
const thousand: Budget = { years: 1 / 365.25, touchesPerDay: 10_000, strangerShare: 0.1 };

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-6, `${actual} is not ${expected}`);
}

test('years, touches and templates multiply to the false match rate of one comparison', () => {
  const { score, llr, fmr, support } = thresholdFor(calibration, thousand, 100);
  near(fmr, 1e-5);
  near(score, 5);
  near(llr, 4 * Math.LN10);
  assert.equal(support, 'extrapolated');
  near(thresholdFor(calibration, thousand, 1).score, 3);
  near(thresholdFor(calibration, thousand, 0).score, 3);
  near(thresholdFor(calibration, { ...thousand, years: 10 * thousand.years }, 100).score, 6);
  near(thresholdFor(calibration, { ...thousand, strangerShare: 1 }, 100).score, 6);
});

test('support says what the promise rests on', () => {
  near(provenFmr(calibration), 1e-4);
  // Two decades were seen below the tail's beginning at 1 %, so two more may be drawn on.
  near(reachOf(calibration), 1e-6);
  assert.equal(thresholdFor(calibration, thousand, 1).support, 'measured');
  assert.equal(thresholdFor(calibration, thousand, 999).support, 'extrapolated');
  assert.equal(thresholdFor(calibration, thousand, 2000).support, 'beyond-data');
});

test('the arithmetic is told in words, with its figures', () => {
  const text = explainBudget(calibration, { years: 10, touchesPerDay: 200, strangerShare: 0.05 }, 100).join('\n');
  for (const figure of [
    '10 years',
    '200 touches',
    '5 %',
    '36,500',
    '100 templates',
    '1 in 3,650,000',
    '6.56',
    '30,000',
    '1 in 10,000',
  ])
    assert.ok(text.includes(figure), `${figure} is missing in:\n${text}`);
  assert.match(text, /nobody has shown/);
  assert.doesNotMatch(explainBudget(calibration, thousand, 1).join('\n'), /nobody has shown/);
});

test('a budget that no door can have is refused', () => {
  const wrong: Partial<Budget>[] = [
    { years: 0 },
    { years: -1 },
    { years: NaN },
    { years: Infinity },
    { touchesPerDay: 0 },
    { strangerShare: 0 },
    { strangerShare: 1.1 },
    { years: 1e15 },
  ];
  for (const part of wrong)
    assert.throws(
      () => thresholdFor(calibration, { ...DEFAULT_BUDGET, ...part }, 10),
      (error) => error instanceof DecisionError && error.code === 'decision.bad-budget',
      JSON.stringify(part),
    );
  assert.throws(() => thresholdFor(calibration, DEFAULT_BUDGET, NaN), DecisionError);
});

test('evidence stays finite and in order for any score', () => {
  const scores = [-Infinity, -1, 0, 2.5, 3, 5, 15, 1e9, Infinity].map((score) => evidenceOf(calibration, score));
  for (const [i, { llr, fmr }] of scores.entries()) {
    assert.ok(Number.isFinite(llr) && fmr > 0 && fmr <= 1);
    if (i > 0) assert.ok(llr >= scores[i - 1].llr && fmr <= scores[i - 1].fmr);
  }
  near(evidenceOf(calibration, Infinity).llr, 14 * Math.LN10);
  assert.equal(evidenceOf(calibration, NaN).fmr, 1);
  assert.equal(evidenceOf(calibration, NaN).llr, evidenceOf(calibration, 0).llr);
});
