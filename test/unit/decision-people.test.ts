import assert from 'node:assert/strict';
import { test } from 'node:test';
import { thresholdFor } from '../../device/matching/decision/budget.ts';
import { identify, LEAST_MARGIN, type PersonScores } from '../../device/matching/decision/decide.ts';
import { decimalCalibration } from '../support/calibration.ts';

const calibration = decimalCalibration();
/** Score 5 or more. */
const threshold = thresholdFor(calibration, { years: 1 / 365.25, touchesPerDay: 1000, strangerShare: 1 }, 100);

function person(name: string, fingers: Readonly<Record<string, readonly number[]>>): PersonScores<string, string> {
  return { person: name, fingers: Object.entries(fingers).map(([finger, scores]) => ({ finger, scores })) };
}

test('the best touch of the best finger of the best person is found, with the margin to the second', () => {
  const decision = identify(calibration, threshold, [
    person('Ann', { thumb: [0.1, 1], index: [2] }),
    person('Ben', { thumb: [0], index: [3, 7, 1] }),
    person('Cid', { index: [0.5] }),
  ]);
  assert.equal(decision.kind, 'match');
  assert.equal(decision.candidate.person, 'Ben');
  assert.equal(decision.candidate.finger, 'index');
  assert.equal(decision.candidate.touch, 1);
  assert.equal(decision.candidate.evidence.score, 7);
  assert.ok(Math.abs(decision.candidate.evidence.fmr - 1e-7) < 1e-12);
  assert.equal(decision.second?.person, 'Ann');
  assert.ok(Math.abs(decision.margin - 5 * Math.LN10) < 1e-9);
});

test('exactly the threshold matches, anything below does not', () => {
  const at = (score: number): string => identify(calibration, threshold, [person('Ann', { index: [score] })]).kind;
  assert.equal(at(threshold.score), 'match');
  assert.equal(at(threshold.score - 1e-9), 'no-match');
});

test('two people nearly as likely are ambiguous, two fingers of one person are not', () => {
  const near = identify(calibration, threshold, [person('Ann', { index: [7] }), person('Ben', { index: [6] })]);
  assert.equal(near.kind, 'ambiguous');
  assert.deepEqual([near.candidate.person, near.second.person], ['Ann', 'Ben']);
  assert.ok(near.margin < LEAST_MARGIN);
  assert.equal(identify(calibration, threshold, [person('Ann', { index: [7], thumb: [6.9] })]).kind, 'match');
  const enough = 7 - (1.001 * LEAST_MARGIN) / Math.LN10;
  assert.equal(
    identify(calibration, threshold, [person('Ann', { index: [7] }), person('Ben', { index: [enough] })]).kind,
    'match',
  );
});

test('too little evidence is no match however close the second is; the nearest is told', () => {
  const decision = identify(calibration, threshold, [person('Ann', { index: [4] }), person('Ben', { index: [4] })]);
  assert.equal(decision.kind, 'no-match');
  assert.equal(decision.reason, 'too-little-evidence');
  assert.equal(decision.candidate.person, 'Ann');
});

test('nothing to compare with is a result of its own', () => {
  for (const people of [[], [person('Ann', {})], [person('Ann', { index: [] })], [person('Ann', { index: [NaN] })]])
    assert.deepEqual(identify(calibration, threshold, people), { kind: 'no-match', reason: 'nobody-enrolled' });
});

test('verification looks at the claimed person alone', () => {
  const claimed = person('Ann', { index: [6, Number.NaN] });
  const decision = identify(calibration, threshold, [claimed]);
  assert.equal(decision.kind, 'match');
  assert.equal(decision.margin, Infinity);
  assert.equal(decision.second, undefined);
});
