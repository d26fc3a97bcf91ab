import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MtmMatcher } from '../../device/matching/mtm/matcher.ts';
import { tuned } from '../../device/matching/mtm/parameters.ts';
import { jittered, moved, randomFinger } from '../support/minutiae.ts';
import { referenceScore } from '../support/mtm-reference.ts';

const matcher = new MtmMatcher(tuned);

test('the kernel scores as the plain reference does', () => {
  for (let seed = 1; seed <= 12; seed++) {
    const finger = randomFinger(seed, 10 + 2 * seed);
    const other =
      seed % 3 === 0
        ? randomFinger(seed + 100, 10 + 2 * seed)
        : jittered(moved(finger, seed, 10 * seed, -seed), seed, 4, 0.15, seed % 3 === 1 ? 0 : 0.3);
    const [a, b] = finger.minutiae.length <= other.minutiae.length ? [finger, other] : [other, finger];
    const expected = referenceScore(a.minutiae, b.minutiae, tuned);
    const [p, q] = [matcher.prepare(a), matcher.prepare(b)];
    // Of two templates of one size the matcher may take either first: moving least squares is not symmetric.
    const swapped = a.minutiae.length === b.minutiae.length ? referenceScore(b.minutiae, a.minutiae, tuned) : expected;
    const score = matcher.score(p, q);
    const nearest = Math.abs(score - expected) < Math.abs(score - swapped) ? expected : swapped;
    assert.ok(Math.abs(score - nearest) <= 1e-3 * Math.max(1, nearest), `seed ${seed}: ${score}, not ${expected}`);
  }
});
