import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeImage } from '../../device/imaging/decode.ts';
import type { GrayImage } from '../../device/imaging/gray-image.ts';
import { MinutiaeExtractor } from '../../device/minutiae/extract.ts';
import { EXTRACTION } from '../../device/minutiae/parameters.ts';
import { realData, skipWithout } from '../support/data.ts';

const extractor = new MinutiaeExtractor();

function flat(width: number, height: number, grey: (x: number, y: number) => number): GrayImage {
  const pixels = Uint8Array.from({ length: width * height }, (_, i) => grey(i % width, Math.floor(i / width)));
  return { width, height, dpi: 500, pixels };
}

test('what is no print gives no minutiae and an advice', () => {
  let seed = 1;
  const random = (): number => (seed = (seed * 48271) % 0x7fffffff) / 0x7fffffff;
  const pictures = {
    blank: flat(300, 300, () => 255),
    dark: flat(300, 300, () => 0),
    noise: flat(300, 300, () => 255 * random()),
    smallest: flat(32, 32, () => 255 * random()),
    narrow: flat(32, 700, () => 255 * random()),
  };
  for (const [name, picture] of Object.entries(pictures)) {
    const { template, assessment } = extractor.extract(picture);
    assert.ok(template.minutiae.length <= 2, `${name}: ${template.minutiae.length}`);
    assert.equal(assessment.usable, false, name);
    assert.equal(assessment.advice, 'no-finger', name);
  }
});

test('a picture that cannot be worked on is refused with a code', () => {
  const good = flat(100, 100, () => 128);
  const refused = (image: GrayImage, code: string): void => {
    assert.throws(() => extractor.extract(image), { name: 'ImagingError', code });
  };
  refused({ ...good, dpi: 300 }, 'imaging.bad-resolution');
  refused({ ...good, dpi: NaN }, 'imaging.bad-resolution');
  refused({ ...good, width: 101 }, 'imaging.bad-size');
  refused({ ...good, width: 20, height: 500 }, 'imaging.bad-size');
  refused({ ...good, width: 99.5 }, 'imaging.bad-size');
  refused({ ...good, width: 5000, height: 2 }, 'imaging.bad-size');
});

const prints = 'images/uareu';

test('a real print gives a sound template, the same one every time', { skip: skipWithout(prints) }, async () => {
  const folder = realData(prints) ?? '';
  const image = await decodeImage(readFileSync(join(folder, '012-3_1.png')));
  const first = extractor.extract(image).template;
  extractor.extract(flat(64, 200, (x) => x));
  assert.deepEqual(extractor.extract(image).template, first, 'nothing is left over from another picture');
  assert.deepEqual(new MinutiaeExtractor().extract(image).template, first);
  assert.ok(first.minutiae.length >= 15 && first.minutiae.length <= EXTRACTION.minutiae.count);
  for (const { x, y, direction, quality } of first.minutiae) {
    assert.ok(x >= 0 && x < image.width && y >= 0 && y < image.height);
    assert.ok(direction >= 0 && direction < 2 * Math.PI);
    assert.ok(Number.isInteger(quality) && quality >= 0 && quality <= 100);
  }
});

test('every stage can be traced, and tracing changes nothing', { skip: skipWithout(prints) }, async () => {
  const folder = realData(prints) ?? '';
  const image = await decodeImage(readFileSync(join(folder, '012-3_1.png')));
  const keys: string[] = [];
  const traced = extractor.extract(image, (key) => keys.push(key));
  assert.deepEqual(traced.template, extractor.extract(image).template);
  assert.deepEqual(keys, [
    'analysis',
    'first-orientation',
    'period',
    'ridgeness',
    'first-filtered',
    'mask',
    'orientation',
    'filtered',
    'ridge-lines',
    'valley-lines',
    'ridge-graph',
    'valley-graph',
    'all-minutiae',
    'minutiae',
  ]);
});
