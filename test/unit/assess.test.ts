import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assess } from '../../device/imaging/assess.ts';
import { decodeImage } from '../../device/imaging/decode.ts';
import type { GrayImage } from '../../device/imaging/gray-image.ts';
import { realData, skipWithout } from '../support/data.ts';

const SIDE = 200;

function draw(grey: (x: number, y: number) => number): GrayImage {
  const pixels = Uint8Array.from({ length: SIDE * SIDE }, (_, i) => grey(i % SIDE, Math.floor(i / SIDE)));
  return { width: SIDE, height: SIDE, dpi: 500, pixels };
}

/** Ridges of a loop's upper part inside a disc; `ink` shifts the share of dark pixels. */
function finger(centreX: number, centreY: number, radius: number, ink = 0, period = 9): GrayImage {
  return draw((x, y) => {
    if (Math.hypot(x - centreX, y - centreY) > radius) return 240;
    const wave = Math.cos((2 * Math.PI * Math.hypot(x - 100, y - 260)) / period);
    return 130 - 90 * Math.tanh(3 * (wave + ink));
  });
}

test('ground, noise and patterns that are no ridges are no finger', () => {
  let seed = 7;
  const random = (): number => (seed = (seed * 48271) % 0x7fffffff) / 0x7fffffff;
  const pictures = {
    white: draw(() => 255),
    noise: draw(() => 255 * random()),
    'faint noise': draw(() => 220 + 8 * random()),
    slope: draw((x) => x),
    chequers: draw((x, y) => (((x >> 3) + (y >> 3)) & 1 ? 255 : 0)),
    'wide stripes': draw((x) => 128 + 100 * Math.sin(x / 6)),
    'one edge': draw((x) => (x < 100 ? 20 : 230)),
  };
  for (const [name, picture] of Object.entries(pictures)) {
    const { usable, advice, quality } = assess(picture);
    assert.deepEqual({ usable, advice, quality }, { usable: false, advice: 'no-finger', quality: 0 }, name);
  }
});

test('clear ridges over the whole sensor need no advice', () => {
  const { quality, usable, advice } = assess(finger(100, 100, 200));
  assert.ok(quality >= 90 && usable && advice === undefined);
});

test('the mask covers the touch and little else', () => {
  const { mask, grid } = assess(finger(100, 100, 70));
  let wrong = 0;
  for (let i = 0; i < mask.length; i++) {
    const x = ((i % grid.columns) + 0.5) * grid.cell;
    const y = (Math.floor(i / grid.columns) + 0.5) * grid.cell;
    const distance = Math.hypot(x - 100, y - 100);
    if (distance < 55 && mask[i] === 0) wrong++;
    if (distance > 95 && mask[i] === 1) wrong++;
  }
  assert.equal(wrong, 0);
});

test('a small touch is told to be too small in the middle and to be moved from the edge', () => {
  assert.equal(assess(finger(100, 100, 45)).advice, 'too-small');
  assert.equal(assess(finger(170, 160, 50)).advice, 'centre');
  assert.equal(assess(finger(170, 160, 50)).usable, false);
});

test(
  'real prints are usable, and blotted or starved ones rate lower',
  { skip: skipWithout('images/uareu') },
  async () => {
    const folder = realData('images/uareu') ?? '';
    const names = readdirSync(folder).filter((name) => name.endsWith('_1.png'));
    for (const name of names.slice(0, 12)) {
      const image = await decodeImage(readFileSync(join(folder, name)));
      const plain = assess(image);
      assert.ok(plain.usable && plain.quality >= 30, `${name}: ${plain.quality}`);
      const wet = assess(spread(image, 3, Math.min));
      assert.ok(wet.quality < plain.quality, `${name} wet: ${wet.quality}`);
      const dry = assess(spread(image, 3, Math.max));
      assert.ok(dry.quality < plain.quality, `${name} dry: ${dry.quality}`);
    }
  },
);

/** Dark (min) or light (max) places grown by a radius, as moisture and its lack do. */
function spread(image: GrayImage, radius: number, choose: (a: number, b: number) => number): GrayImage {
  const { width, height, pixels } = image;
  const grown = pixels.map((value, i) => {
    const x = i % width;
    const y = Math.floor(i / width);
    let result = value;
    for (let dy = -radius; dy <= radius; dy++) {
      for (let dx = -radius; dx <= radius; dx++) {
        const inside = x + dx >= 0 && x + dx < width && y + dy >= 0 && y + dy < height;
        if (inside && dx * dx + dy * dy <= radius * radius) result = choose(result, pixels[i + dy * width + dx]);
      }
    }
    return result;
  });
  return { ...image, pixels: grown };
}
