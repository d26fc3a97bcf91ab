import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alter, ALTERATION_LEVELS, ALTERATIONS } from '../../models/synthesis/alteration.ts';
import { growFinger } from '../../models/synthesis/finger.ts';
import { drawImpression } from '../../models/synthesis/impression.ts';
import { sensorModel } from '../../models/synthesis/sensors.ts';

const { image, truth } = drawImpression(growFinger(3), sensorModel('socofing'), 1, { severity: 0.5 });

for (const kind of ALTERATIONS)
  test(`${kind} changes a region that grows with the level, nothing outside it, and the same way for a seed`, () => {
    let before = 0;
    for (const level of ALTERATION_LEVELS) {
      const altered = alter(image, truth.mask, kind, level, 9);
      assert.deepEqual(alter(image, truth.mask, kind, level, 9), altered);
      let changed = 0;
      for (let i = 0; i < image.pixels.length; i++) {
        if (altered.region[i] === 1) changed++;
        else assert.equal(altered.image.pixels[i], image.pixels[i]);
      }
      assert.ok(changed > before, `${level} changes ${changed} pixels`);
      before = changed;
    }
  });

test('An empty picture can be altered too', () => {
  const nothing = new Uint8Array(image.pixels.length);
  for (const kind of ALTERATIONS) assert.deepEqual(alter(image, nothing, kind, 'hard', 1).image.pixels, image.pixels);
});
