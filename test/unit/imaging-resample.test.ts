import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GrayImage } from '../../device/imaging/gray-image.ts';
import { toWorkingResolution } from '../../device/imaging/resample.ts';

/** Vertical stripes of a period in pixels. */
function stripes(width: number, period: number, dpi: number): GrayImage {
  const pixels = Uint8Array.from({ length: width * 64 }, (_, place) =>
    Math.round(128 + 100 * Math.cos((2 * Math.PI * ((place % width) + 0.5)) / period)),
  );
  return { width, height: 64, dpi, pixels };
}

void test('an image at 500 dpi is left as it is', () => {
  const image = stripes(100, 9, 500);
  assert.equal(toWorkingResolution(image), image);
});

for (const dpi of [250, 363, 508, 512, 569, 1000])
  void test(`ridges keep place, period and contrast from ${dpi} dpi`, () => {
    const scale = 500 / dpi;
    const image = toWorkingResolution(stripes(200, 9 / scale, dpi));
    assert.equal(image.width, Math.round(200 * scale));
    assert.equal(image.height, Math.round(64 * scale));
    const row = 10 * image.width;
    for (let x = 8; x < image.width - 8; x++) {
      const wanted = 128 + 100 * Math.cos((2 * Math.PI * (x + 0.5)) / 9);
      assert.ok(Math.abs(image.pixels[row + x] - wanted) < 12, `${x}: ${image.pixels[row + x]} for ${wanted}`);
    }
  });

void test('an even image stays even and ridges too fine to be seen average out', () => {
  const even = { width: 90, height: 77, dpi: 390, pixels: new Uint8Array(90 * 77).fill(93) };
  assert.ok(toWorkingResolution(even).pixels.every((gray) => gray === 93));
  const fine = toWorkingResolution(stripes(400, 2.5, 1000)).pixels;
  assert.ok(fine.every((gray) => Math.abs(gray - 128) < 30));
});
