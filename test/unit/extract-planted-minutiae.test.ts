import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GrayImage } from '../../device/imaging/gray-image.ts';
import { MinutiaeExtractor } from '../../device/minutiae/extract.ts';
import type { Minutia } from '../../device/minutiae/minutia.ts';

const SIDE = 240;
const PERIOD = 9;
const extractor = new MinutiaeExtractor();

interface Planted {
  readonly x: number;
  readonly y: number;
  /** 1: one ridge more on the right-hand side of the picture, −1: on the left-hand side (before rotation). */
  readonly turn: 1 | -1;
}

/**
 * Parallel ridges whose phase winds once around every planted minutia (the AM-FM model of ridges), turned by `angle`
 * (counter-clockwise as seen) around the picture's centre.
 */
function draw(planted: readonly Planted[], angle = 0): GrayImage {
  const pixels = new Uint8Array(SIDE * SIDE);
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  const centre = (SIDE - 1) / 2;
  for (let py = 0; py < SIDE; py++) {
    for (let px = 0; px < SIDE; px++) {
      const x = centre + c * (px - centre) - s * (py - centre);
      const y = centre + s * (px - centre) + c * (py - centre);
      let phase = (2 * Math.PI * y) / PERIOD;
      for (const m of planted) phase += m.turn * Math.atan2(y - m.y, x - m.x);
      pixels[py * SIDE + px] = Math.round(128 - 100 * Math.cos(phase));
    }
  }
  return { width: SIDE, height: SIDE, dpi: 500, pixels };
}

function turned(p: Planted, angle: number): { x: number; y: number; direction: number } {
  const centre = (SIDE - 1) / 2;
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  return {
    x: centre + c * (p.x - centre) + s * (p.y - centre),
    y: centre - s * (p.x - centre) + c * (p.y - centre),
    direction: ((p.turn === 1 ? 0 : Math.PI) + angle + 2 * Math.PI) % (2 * Math.PI),
  };
}

const angleBetween = (a: number, b: number): number => Math.abs(Math.atan2(Math.sin(a - b), Math.cos(a - b)));

function nearest(minutiae: readonly Minutia[], at: { x: number; y: number }): Minutia {
  const distance = (m: Minutia): number => Math.hypot(m.x - at.x, m.y - at.y);
  const [first] = minutiae.toSorted((a, b) => distance(a) - distance(b));
  return first;
}

const PLANTED: readonly Planted[] = [
  { x: 120, y: 120, turn: 1 },
  { x: 80, y: 90, turn: -1 },
  { x: 160, y: 155, turn: -1 },
];

test('planted minutiae are found where they are, pointing along their ridge, and no others', () => {
  const { template } = extractor.extract(draw(PLANTED));
  assert.equal(template.minutiae.length, PLANTED.length);
  for (const planted of PLANTED) {
    const expected = turned(planted, 0);
    const found = nearest(template.minutiae, expected);
    assert.ok(Math.hypot(found.x - expected.x, found.y - expected.y) < 6, `${found.x}, ${found.y}`);
    assert.ok(angleBetween(found.direction, expected.direction) < 0.25, `${found.direction}`);
  }
});

test('a print turned by any angle keeps its minutiae', () => {
  for (let degrees = 0; degrees < 360; degrees += 17) {
    const angle = (degrees * Math.PI) / 180;
    const { template } = extractor.extract(draw(PLANTED, angle));
    for (const planted of PLANTED) {
      const expected = turned(planted, angle);
      const found = nearest(template.minutiae, expected);
      assert.ok(Math.hypot(found.x - expected.x, found.y - expected.y) < 6, `at ${degrees}°`);
      assert.ok(angleBetween(found.direction, expected.direction) < 0.3, `at ${degrees}°`);
    }
  }
});

test('the same ridges drawn light on dark swap endings and bifurcations', () => {
  const image = draw([{ x: 120, y: 120, turn: 1 }]);
  const negative = { ...image, pixels: image.pixels.map((value) => 255 - value) };
  const [plain] = extractor.extract(image).template.minutiae;
  const [swapped] = extractor.extract(negative).template.minutiae;
  assert.deepEqual(new Set([plain.type, swapped.type]), new Set(['ending', 'bifurcation']));
});

test('parallel ridges have no minutiae', () => {
  assert.deepEqual(extractor.extract(draw([])).template.minutiae, []);
});
