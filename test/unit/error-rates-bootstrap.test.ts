import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eerInterval, errorRates, type Comparisons } from '../../calibration/error-rates.ts';

/** Comparisons of `fingers` fingers, four impressions each, where some fingers are much worse than others. */
function unevenFingers(fingers: number): Comparisons {
  const rows: [number, number, number][] = [];
  for (let reference = 0; reference < fingers; reference++) {
    for (let probe = reference; probe < fingers; probe++) {
      for (let k = 0; k < (reference === probe ? 6 : 16); k++) {
        const noise = ((reference * 7 + probe * 13 + k * 29) % 31) / 31;
        const worth = reference === probe ? 0.6 + (reference % 5 === 0 ? -0.5 : 0.5) : 0;
        rows.push([worth + noise, reference, probe]);
      }
    }
  }
  return {
    scores: Float64Array.from(rows, ([score]) => score),
    references: Uint32Array.from(rows, ([, reference]) => reference),
    probes: Uint32Array.from(rows, ([, , probe]) => probe),
  };
}

test('the interval holds the rate, narrows with more fingers and is the same on every run', () => {
  const few = unevenFingers(10);
  const many = unevenFingers(80);
  const [low, high] = eerInterval(few);
  const { eer } = errorRates(few);
  assert.ok(low <= eer && eer <= high && low < high, `${low} ${eer} ${high}`);
  const [lowMany, highMany] = eerInterval(many);
  assert.ok(highMany - lowMany < (high - low) / 2, `${highMany - lowMany} against ${high - low}`);
  assert.deepEqual(eerInterval(few), [low, high]);
  assert.notDeepEqual(eerInterval(few, { seed: 2 }), [low, high]);
});

test('drawing fingers gives a wider interval than fingers that are all alike would', () => {
  const alike = unevenFingers(20);
  const relabelled: Comparisons = { ...alike, scores: alike.scores.map((score) => (score > 0.5 ? 1 : 0)) };
  const perfect: Comparisons = {
    ...alike,
    scores: alike.scores.map((_, i) => (alike.references[i] === alike.probes[i] ? 1 : 0)),
  };
  assert.deepEqual(eerInterval(perfect), [0, 0]);
  const [low, high] = eerInterval(relabelled);
  assert.ok(high > low);
});

test('sets are drawn within themselves: a set of one finger is in every draw', () => {
  const comparisons: Comparisons = {
    scores: Float64Array.of(0, 0, 1, 0.5, 0.4),
    references: Uint32Array.of(0, 1, 2, 0, 1),
    probes: Uint32Array.of(0, 1, 2, 1, 2),
  };
  assert.deepEqual(eerInterval(comparisons, { setOfFinger: Uint32Array.of(0, 1, 2) }), [
    errorRates(comparisons).eer,
    errorRates(comparisons).eer,
  ]);
});

test('nothing to draw from gives NaN, not a crash', () => {
  const nothing: Comparisons = { scores: new Float64Array(), references: new Uint32Array(), probes: new Uint32Array() };
  assert.deepEqual(eerInterval(nothing), [NaN, NaN]);
});
