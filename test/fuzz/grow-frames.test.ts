import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzFramer, LONGEST_FRAME } from '../support/framer-fuzz.ts';

test('a million streams of noise and damaged frames: nothing invented, little held, the next frame found', (context) => {
  const { streams, bytes, invented, mostHeld, lostFirst, lostSecond } = fuzzFramer(1_000_000, 1);
  assert.equal(invented, 0);
  assert.ok(mostHeld < LONGEST_FRAME, `${mostHeld} bytes were held`);
  assert.equal(lostSecond, 0);
  // What looks like a frame over it, sum included, cannot be told from one: noise hits a sum once in 65,536 times.
  assert.ok(lostFirst < streams / 1_000, `${lostFirst} frames were lost`);
  context.diagnostic(`${streams} streams, ${bytes} bytes, at most ${mostHeld} held, ${lostFirst} frames lost`);
});
