import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { growFinger } from '../../models/synthesis/finger.ts';
import { drawImpression } from '../../models/synthesis/impression.ts';
import { SENSOR_NAMES, sensorModel } from '../../models/synthesis/sensors.ts';
import { CONDITIONS } from '../../models/synthesis/touch.ts';

const finger = growFinger(11);
const touches = fc.record({
  seed: fc.integer({ min: 0, max: 0xffffffff }),
  sensor: fc.constantFrom(...SENSOR_NAMES),
  condition: fc.constantFrom(...CONDITIONS),
  severity: fc.double({ min: 0, max: 2, noNaN: true }),
});
type Touch = typeof touches extends fc.Arbitrary<infer T> ? T : never;

const draw = ({ seed, sensor, condition, severity }: Touch): ReturnType<typeof drawImpression> =>
  drawImpression(finger, sensorModel(sensor), seed, { condition, severity });

test('One impression’s minutiae, carried to another by the deformation fields, fall on the other’s within a pixel', () => {
  fc.assert(
    fc.property(touches, touches, (a, b) => {
      const one = draw(a).truth;
      const other = draw({ ...b, sensor: a.sensor }).truth;
      for (const minutia of one.minutiae) {
        const there = one.corresponding(other, minutia.x, minutia.y);
        const skin = one.toFinger(minutia.x, minutia.y);
        const truly = finger.minutiae.find(({ x, y }) => Math.hypot(x - skin.x, y - skin.y) < 0.1);
        assert.ok(truly, 'every minutia of an impression is one of the finger');
        const shown = other.minutiae.find(({ x, y }) => Math.hypot(x - there.x, y - there.y) < 1);
        const column = Math.floor(there.x + 0.5);
        const row = Math.floor(there.y + 0.5);
        const { width, height } = sensorModel(a.sensor);
        const touched =
          column >= 0 && row >= 0 && column < width && row < height && other.mask[row * width + column] === 1;
        assert.equal(shown !== undefined, touched, `a minutia at ${there.x}, ${there.y}`);
      }
    }),
    { numRuns: 16 },
  );
});

test('Going to the finger and back leads to the same place within a hundredth of a pixel', () => {
  fc.assert(
    fc.property(
      touches,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (touch, u, v) => {
        const { truth, image } = draw(touch);
        const x = u * image.width;
        const y = v * image.height;
        const skin = truth.toFinger(x, y);
        const back = truth.fromFinger(skin.x, skin.y);
        assert.ok(Math.hypot(back.x - x, back.y - y) < 0.01, `${x}, ${y} came back as ${back.x}, ${back.y}`);
      },
    ),
    { numRuns: 15 },
  );
});

test('Any touch gives a whole picture and finite truth', () => {
  fc.assert(
    fc.property(touches, (touch) => {
      const { image, truth } = draw(touch);
      assert.equal(image.pixels.length, image.width * image.height);
      assert.equal(truth.mask.length, image.pixels.length);
      for (const { x, y, direction } of truth.minutiae) {
        assert.ok(x >= -0.5 && y >= -0.5 && x < image.width && y < image.height);
        assert.ok(direction >= 0 && direction < 2 * Math.PI);
        const orientation = truth.orientationAt(x, y);
        const period = truth.periodAt(x, y);
        assert.ok(orientation >= 0 && orientation < Math.PI && period > 2 && period < 20);
      }
    }),
    { numRuns: 15 },
  );
});

test('Ridges run as the truth says: along them the clean print changes less than across', () => {
  const { truth, image } = draw({ seed: 1, sensor: 'optical', condition: 'good', severity: 1 });
  const clean = truth.cleanPrint().pixels;
  const at = (x: number, y: number): number => clean[Math.round(y) * image.width + Math.round(x)];
  let along = 0;
  let across = 0;
  for (let y = 60; y < image.height - 60; y += 3)
    for (let x = 60; x < image.width - 60; x += 3) {
      if (truth.mask[y * image.width + x] === 0) continue;
      const orientation = truth.orientationAt(x, y);
      const half = truth.periodAt(x, y) / 2;
      const dx = half * Math.cos(orientation);
      const dy = -half * Math.sin(orientation);
      along += Math.abs(at(x, y) - at(x + dx, y + dy));
      across += Math.abs(at(x, y) - at(x - dy, y + dx));
    }
  assert.ok(across > 3.5 * along, `across ${across}, along ${along}`);
});

test('The 4-bit sensors send no more than 16 grays', () => {
  for (const sensor of ['R307', 'R503'] as const) {
    const { image } = draw({ seed: 5, sensor, condition: 'wet', severity: 1 });
    assert.ok(new Set(image.pixels).size <= 16);
  }
});
