import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PairScan } from '../../device/matching/pairs/pair-scan.ts';
import type { MinutiaeTemplate } from '../../device/minutiae/minutia.ts';
import { randomFinger } from '../support/minutiae.ts';

/** The same finger, turned about the picture's middle, a share of its minutiae missing. */
function again({ width, height, minutiae }: MinutiaeTemplate, radians: number, missing: number): MinutiaeTemplate {
  const [c, s] = [Math.cos(radians), Math.sin(radians)];
  return {
    width,
    height,
    minutiae: minutiae
      .filter((_, k) => k % 10 >= 10 * missing)
      .map((m) => {
        const [x, y] = [m.x - width / 2, m.y - height / 2];
        const direction = (m.direction + radians + 4 * Math.PI) % (2 * Math.PI);
        return { ...m, x: width / 2 + c * x + s * y, y: height / 2 - s * x + c * y, direction };
      }),
  };
}

describe('the scan of pairs', () => {
  const PEOPLE = 200;
  const fingers = Array.from({ length: PEOPLE }, (_, k) => randomFinger(k + 1, 36));

  it('finds a finger at any rotation with three tenths of its minutiae gone', () => {
    const scan = new PairScan();
    fingers.forEach((finger, k) => {
      scan.add(`t${k}`, `p${k}`, finger);
    });
    for (const [k, radians] of [0, 0.7, -2, 3.1].entries()) {
      const [first] = scan.nearest(again(fingers[40 * k], radians, 0.3), 1);
      assert.equal(first.person, `p${40 * k}`);
    }
  });

  it('forgets what was removed, and finds the rest in their new places', () => {
    const scan = new PairScan();
    fingers.forEach((finger, k) => {
      scan.add(`t${k}`, `p${k}`, finger);
    });
    for (let k = 0; k < PEOPLE; k += 2) scan.remove(`t${k}`);
    scan.remove('t0');
    assert.equal(scan.size, PEOPLE / 2);
    assert.notEqual(scan.nearest(fingers[0], 1)[0].person, 'p0');
    for (const k of [1, 99, PEOPLE - 1]) assert.equal(scan.nearest(fingers[k], 1)[0].person, `p${k}`);
  });

  it('has nobody to show for no minutiae or no gallery', () => {
    const scan = new PairScan();
    assert.deepEqual(scan.nearest(fingers[0], 3), []);
    scan.add('t', 'p', { width: 10, height: 10, minutiae: [] });
    assert.equal(scan.nearest({ width: 10, height: 10, minutiae: [] }, 3).length, 1);
  });
});
