import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { growFinger } from '../../models/synthesis/finger.ts';
import { drawImpression } from '../../models/synthesis/impression.ts';
import { SENSOR_NAMES, sensorModel } from '../../models/synthesis/sensors.ts';

const finger = growFinger(7);

test('A seed gives the same skin on every machine and Node version', () => {
  assert.equal(sha256(new Uint8Array(finger.relief.buffer)), GOLDEN.relief);
  assert.equal(sha256(Buffer.from(JSON.stringify(finger.minutiae))), GOLDEN.minutiae);
});

for (const name of SENSOR_NAMES)
  test(`A touch on ${name} gives the same picture on every machine and Node version`, () => {
    const { image } = drawImpression(finger, sensorModel(name), 3);
    assert.equal(sha256(image.pixels), GOLDEN[name]);
  });

test('Growing other fingers in between changes nothing', () => {
  growFinger(8, { width: 320, height: 400 });
  assert.deepEqual(growFinger(7).relief, finger.relief);
});

test('Siblings share flow and pattern and have ridges of their own', () => {
  const sibling = growFinger(7, { sibling: 1 });
  assert.equal(sibling.flow.pattern, finger.flow.pattern);
  assert.deepEqual(sibling.flow.singularPoints, finger.flow.singularPoints);
  const near = sibling.minutiae.filter((a) =>
    finger.minutiae.some((b) => Math.hypot(a.x - b.x, a.y - b.y) < 4 && a.type === b.type),
  );
  assert.ok(near.length < 0.35 * sibling.minutiae.length, `${near.length} of ${sibling.minutiae.length} coincide`);
});

test('Minutiae have natural numbers: 15 to 80 on a good full touch, about two endings to a bifurcation', () => {
  let endings = 0;
  let all = 0;
  for (let seed = 100; seed < 108; seed++) {
    const { truth } = drawImpression(growFinger(seed), sensorModel('optical'), 0, { condition: 'good', severity: 0.5 });
    const count = truth.minutiae.length;
    assert.ok(count >= 15 && count <= 110, `finger ${seed} shows ${count} minutiae`);
    all += count;
    endings += truth.minutiae.filter(({ type }) => type === 'ending').length;
  }
  assert.ok(all / 8 >= 25 && all / 8 <= 80, `on average ${all / 8}`);
  assert.ok(endings / all > 0.58 && endings / all < 0.75, `${((100 * endings) / all).toFixed(0)} % are endings`);
});

test('At an ending the ridge lies ahead and a valley behind; at a bifurcation the other way round', () => {
  const { width, height } = finger.flow;
  let right = 0;
  let seen = 0;
  for (const { x, y, direction, type } of finger.minutiae) {
    const at = (steps: number): number => {
      const column = Math.round(x + steps * Math.cos(direction));
      const row = Math.round(y - steps * Math.sin(direction));
      return column < 0 || row < 0 || column >= width || row >= height ? 0 : finger.ridges[row * width + column];
    };
    const ahead = at(4) + at(5) + at(6);
    const behind = at(-4) + at(-5) + at(-6);
    if (ahead === 0 || behind === 0) continue;
    seen++;
    if ((type === 'ending' ? ahead - behind : behind - ahead) > 0) right++;
  }
  assert.ok(right > 0.93 * seen, `${right} of ${seen}`);
});

const GOLDEN: Readonly<Record<string, string>> = {
  relief: '1ead010da6be1b3e',
  minutiae: '0272cf89d75f4f17',
  optical: 'd48e6a609029a0fc',
  R307: '39e1b949bf258ea6',
  R503: '95948ef800d3c991',
  thermal: 'aa02ba70c7abc3d0',
  capacitive: '3336d08e85617281',
  socofing: 'e988a11a6fec9f61',
};

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}
