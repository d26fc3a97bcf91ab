import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Minutia, MinutiaeTemplate } from '../../device/minutiae/minutia.ts';
import { MtmError } from '../../device/matching/mtm/errors.ts';
import { MtmMatcher } from '../../device/matching/mtm/matcher.ts';
import type { MtmStages } from '../../device/matching/mtm/trace.ts';
import { randomFinger, moved, jittered } from '../support/minutiae.ts';

const matcher = new MtmMatcher();
const scoreOf = (a: MinutiaeTemplate, b: MinutiaeTemplate): number =>
  matcher.score(matcher.prepare(a), matcher.prepare(b));

const anyMinutia: fc.Arbitrary<Minutia> = fc.record({
  x: fc.oneof(fc.integer({ min: -5, max: 500 }), fc.double({ min: -1000, max: 1000, noNaN: true })),
  y: fc.oneof(fc.integer({ min: -5, max: 500 }), fc.double({ min: -1000, max: 1000, noNaN: true })),
  direction: fc.double({ min: 0, max: 7, noNaN: true }),
  type: fc.constantFrom('ending', 'bifurcation', 'other'),
  quality: fc.integer({ min: 0, max: 100 }),
});
const anyTemplate: fc.Arbitrary<MinutiaeTemplate> = fc.record({
  width: fc.constant(500),
  height: fc.constant(500),
  minutiae: fc.array(anyMinutia, { maxLength: 200, size: 'max' }),
});

describe('the Minutia Tensor Matrix', () => {
  test('tells another impression of a finger from other fingers', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const finger = randomFinger(seed, 40);
      const genuine = scoreOf(finger, jittered(moved(finger, 0.7, 30, -20), seed, 3, 0.1, 0.25));
      for (let other = 100; other < 110; other++) assert.ok(scoreOf(finger, randomFinger(other, 40)) < genuine / 4);
    }
  });

  test('no rotation or shift changes a score by more than the rounding of angles', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: 0, max: 2 * Math.PI, noNaN: true }),
        fc.integer({ min: -300, max: 300 }),
        fc.integer({ min: -300, max: 300 }),
        (seed, turn, dx, dy) => {
          const finger = randomFinger(seed, 40);
          const touch = jittered(finger, seed + 1, 2, 0.05, 0.2);
          const before = scoreOf(finger, touch);
          assert.ok(Math.abs(scoreOf(finger, moved(touch, turn, dx, dy)) - before) <= 0.1 * before);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('the order of the two templates does not matter, nor does that of the minutiae', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const finger = randomFinger(seed, 40);
        const touch = jittered(moved(finger, 1, 5, 5), seed + 1, 3, 0.1, 0.2);
        assert.equal(scoreOf(finger, touch), scoreOf(touch, finger));
        const backwards = { ...touch, minutiae: touch.minutiae.toReversed() };
        assert.ok(Math.abs(scoreOf(finger, backwards) - scoreOf(finger, touch)) <= 0.05 * scoreOf(finger, touch));
      }),
      { numRuns: 100 },
    );
  });

  test('any two templates have a finite score, 0 or more, and pairs that exist', () => {
    fc.assert(
      fc.property(anyTemplate, anyTemplate, (a, b) => {
        const { score, pairs, alignment } = matcher.compare(matcher.prepare(a), matcher.prepare(b));
        assert.ok(Number.isFinite(score) && score >= 0);
        assert.equal(new Set(pairs.map((p) => p.probe)).size, pairs.length);
        assert.equal(new Set(pairs.map((p) => p.reference)).size, pairs.length);
        for (const p of pairs) assert.ok(p.probe in a.minutiae && p.reference in b.minutiae);
        if (alignment) assert.ok(Object.values(alignment).every((value) => Number.isFinite(value)));
      }),
      { numRuns: 300 },
    );
  });

  test('bears templates of no, one, two, and 200 equal minutiae', () => {
    const point: Minutia = { x: 100, y: 100, direction: 1, type: 'ending', quality: 50 };
    const of = (count: number): MinutiaeTemplate => ({
      width: 300,
      height: 300,
      minutiae: Array<Minutia>(count).fill(point),
    });
    for (const a of [0, 1, 2, 200]) {
      for (const b of [0, 1, 2, 200]) {
        const score = scoreOf(of(a), of(b));
        assert.ok(Number.isFinite(score) && score >= 0);
        if (Math.min(a, b) === 0) assert.equal(score, 0);
      }
    }
  });

  test('the alignment and the pairs are those of the motion', () => {
    const finger = randomFinger(7, 40);
    const { pairs, alignment } = matcher.compare(matcher.prepare(finger), matcher.prepare(moved(finger, 2.5, 40, -25)));
    assert.equal(pairs.length, 40);
    for (const p of pairs) assert.equal(p.probe, p.reference);
    assert.ok(alignment);
    assert.ok(Math.abs(alignment.rotation - 2.5) < 1e-6);
    const { x, y } = finger.minutiae[3];
    const [c, s] = [Math.cos(alignment.rotation), Math.sin(alignment.rotation)];
    const there = moved(finger, 2.5, 40, -25).minutiae[3];
    assert.ok(Math.abs(c * x + s * y + alignment.dx - there.x) < 1e-6);
    assert.ok(Math.abs(-s * x + c * y + alignment.dy - there.y) < 1e-6);
  });

  test('the trace shows every step, and costs nothing in accuracy', () => {
    const finger = randomFinger(11, 40);
    const [a, b] = [finger, jittered(moved(finger, 2, 9, 9), 11, 3, 0.1, 0.2)].map((t) => matcher.prepare(t));
    const stages = new Map<keyof MtmStages, unknown>();
    const traced = matcher.compare(a, b, (key, value) => void stages.set(key, value));
    assert.deepEqual(matcher.compare(a, b), traced);
    const stage = <Key extends keyof MtmStages>(key: Key): MtmStages[Key] => stages.get(key) as MtmStages[Key];
    const nodes = stage('T1');
    assert.ok(nodes.length > 20 && nodes.every((n, at) => at === 0 || n.similarity <= nodes[at - 1].similarity));
    const matrix = stage('TF');
    for (let row = 0; row < nodes.length; row++) {
      assert.equal(matrix[row * nodes.length + row], Math.fround(nodes[row].similarity));
      for (let column = 0; column < row; column++) {
        assert.equal(matrix[row * nodes.length + column], matrix[column * nodes.length + row]);
      }
    }
    assert.ok(Math.abs(Math.hypot(...stage('eigenvector')) - 1) < 1e-4);
    assert.deepEqual([...stage('pairs'), ...stage('regained')], traced.pairs);
    assert.equal(stage('agreement').length, traced.pairs.length);
    assert.equal(stage('statistics').matched, traced.pairs.length);
    assert.ok(stage('hulls').probe.every((corner) => traced.pairs.some((pair) => pair.probe === corner)));
    assert.ok(stage('hulls').reference.every((corner) => traced.pairs.some((pair) => pair.reference === corner)));
  });

  test('half of a print still matches the whole', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const finger = randomFinger(seed, 44);
      const half = { ...finger, minutiae: finger.minutiae.filter((m) => m.x < 150) };
      const genuine = scoreOf(finger, jittered(half, seed, 2, 0.05, 0.1));
      for (let other = 100; other < 110; other++) assert.ok(scoreOf(half, randomFinger(other, 44)) < genuine / 2);
    }
  });

  test('a minutia that is not on a print is refused', () => {
    const bad = {
      width: 300,
      height: 300,
      minutiae: [{ x: NaN, y: 1, direction: 0, type: 'ending', quality: 1 } as const],
    };
    assert.throws(
      () => matcher.prepare(bad),
      (error) => error instanceof MtmError && error.code === 'mtm.bad-template',
    );
  });
});
