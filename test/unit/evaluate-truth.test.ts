import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CalibrationError } from '../../calibration/errors.ts';
import { compareWithTruth, ratesOf, readTruth } from '../../calibration/truth.ts';
import type { Minutia } from '../../device/minutiae/minutia.ts';

const TRUE = [
  { x: 50, y: 50, direction: 0, type: 'ending' },
  { x: 80, y: 50, direction: 1, type: 'bifurcation' },
  { x: 50, y: 90, direction: 6.2, type: 'ending' },
  { x: 3, y: 60, direction: 2, type: 'ending' },
];
const json = (changes: object = {}): string =>
  JSON.stringify({
    width: 120,
    height: 140,
    dpi: 500,
    touch: { condition: 'good' },
    minutiae: TRUE,
    maskRuns: [0, 120 * 140],
    ...changes,
  });
const found = (x: number, y: number, direction: number, type: Minutia['type'] = 'ending'): Minutia => ({
  x,
  y,
  direction,
  type,
  quality: 50,
});

test('A true minutia is found within 12 px and π/8, once; those near the border do not count', () => {
  const count = compareWithTruth(
    [found(55, 50, 0.3), found(50, 61, 0), found(81, 50, 1.5), found(50, 90, 0.05, 'bifurcation'), found(4, 60, 2)],
    readTruth(json(), 'x'),
  );
  assert.deepEqual(count, { truth: 3, truthMatched: 2, found: 4, foundMatched: 2, sameType: 1 });
  assert.deepEqual(ratesOf([count, count]), {
    precision: 0.5,
    recall: 2 / 3,
    f1: (2 * 0.5 * (2 / 3)) / (0.5 + 2 / 3),
    type: 0.5,
  });
});

test('Prints of another resolution are measured in pixels at 500 dpi', () => {
  const truth = readTruth(json({ dpi: 250 }), 'x');
  assert.equal(compareWithTruth([found(100.5, 110.5, 0)], truth).foundMatched, 1);
  assert.equal(compareWithTruth([found(100.5, 113.5, 0)], truth).foundMatched, 0);
});

test('What the mask leaves out is left out, and nothing gives no rates', () => {
  const none = compareWithTruth([found(50, 50, 0)], readTruth(json({ maskRuns: [120 * 140] }), 'x'));
  assert.deepEqual(none, { truth: 0, truthMatched: 0, found: 0, foundMatched: 0, sameType: 0 });
  assert.deepEqual(ratesOf([none]), { precision: null, recall: null, f1: null, type: null });
});

test('A truth that is none is a coded error', () => {
  for (const bad of ['', '{}', json({ maskRuns: [5] }), json({ width: -1 }), json({ minutiae: [{ x: 1 }] })])
    assert.throws(
      () => readTruth(bad, 'x'),
      (error) => error instanceof CalibrationError && error.code === 'calibration.bad-truth',
    );
});
