import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { decodeImage } from '../../device/imaging/decode.ts';
import { encodePng } from '../../device/imaging/encode.ts';
import type { GrayImage } from '../../device/imaging/gray-image.ts';
import { realData, skipWithout } from '../support/data.ts';
import { bmp24, bmp8, pgmBinary, pgmText, ringPrint, tiffGray, tiffPaletteLzw } from '../support/image-files.ts';

const print = ringPrint(101, 120);
const raw = () =>
  sharp(print.pixels, { raw: { width: print.width, height: print.height, channels: 1 } }).toColourspace('b-w');

const lossless: Record<string, () => Uint8Array | Promise<Uint8Array>> = {
  'PNG of ours': () => encodePng(print),
  'PNG of 16 bits': () =>
    sharp(
      Uint16Array.from(print.pixels, (gray) => gray * 257),
      {
        raw: { width: print.width, height: print.height, channels: 1 },
      },
    )
      .toColourspace('grey16')
      .png()
      .toBuffer(),
  'PNG in colour': () => raw().toColourspace('srgb').png().toBuffer(),
  'PNG with alpha': () => raw().toColourspace('srgb').ensureAlpha(1).png().toBuffer(),
  'TIFF of gray': () => tiffGray(print, 500),
  'TIFF of palette and LZW': () => tiffPaletteLzw(print, 500),
  'BMP of 8 bits': () => bmp8(print),
  'BMP of 24 bits, top row first': () => bmp24(print),
  'PGM in text': () => pgmText(print),
  'PGM of 8 bits': () => pgmBinary(print, 255),
  'PGM of 16 bits': () => pgmBinary(print, 65535),
};

for (const [name, make] of Object.entries(lossless))
  void test(`${name} gives every pixel back`, async () => {
    const image = await decodeImage(await make(), { dpi: 500 });
    assert.deepEqual({ ...image, pixels: [...image.pixels] }, { ...print, pixels: [...print.pixels] });
  });

void test('JPEG comes close', async () => {
  const image = await decodeImage(await raw().jpeg({ quality: 95 }).toBuffer());
  assert.equal(image.width, print.width);
  assert.ok(meanDifference(image, print) < 4);
});

void test('transparent ground is white', async () => {
  const clear = await sharp({ create: { width: 40, height: 40, channels: 4, background: '#00000000' } }).png().toBuffer(); // prettier-ignore
  const image = await decodeImage(clear, { polarity: 'dark-ridges' });
  assert.ok(image.pixels.every((gray) => gray === 255));
});

void test('raw pixels need a size that fits them', async () => {
  const size = { width: print.width, height: print.height };
  assert.deepEqual([...(await decodeImage(print.pixels, { raw: size })).pixels], [...print.pixels]);
  await assert.rejects(decodeImage(print.pixels.subarray(1), { raw: size }), { code: 'imaging.bad-size' });
});

void test('the stated resolution is believed where plausible, a hint always', async () => {
  const widthAt = async (stated: number, hint?: number) =>
    (await decodeImage(tiffGray(print, stated), hint === undefined ? {} : { dpi: hint })).width;
  assert.equal(await widthAt(1000), 51);
  assert.equal(await widthAt(508), 99);
  assert.equal(await widthAt(72), 101, '72 dpi is what editors leave there');
  assert.equal(await widthAt(1000, 500), 101);
  assert.equal(await widthAt(72, 250), 202);
  assert.equal((await decodeImage(bmp8(print, 39370))).width, 51);
  assert.equal((await decodeImage(await encodePng({ ...print, dpi: 1000 }))).width, 51);
});

void test('a resolution that no fingerprint has is refused', async () => {
  for (const dpi of [0, -500, 99, 2001, NaN, Infinity])
    await assert.rejects(decodeImage(bmp8(print), { dpi }), { code: 'imaging.bad-resolution' });
});

void test('sizes that no finger has are refused, before and after resampling', async () => {
  for (const [width, height] of [
    [31, 100],
    [100, 31],
    [2001, 100],
  ] as const)
    // prettier-ignore
    await assert.rejects(decodeImage(bmp8(ringPrint(width, height))), { code: 'imaging.bad-size' });
  await assert.rejects(decodeImage(bmp8(ringPrint(500, 40)), { dpi: 100 }), { code: 'imaging.bad-size' });
  await assert.rejects(decodeImage(bmp8(ringPrint(60, 60)), { dpi: 1000 }), { code: 'imaging.bad-size' });
});

void test('a header that promises a huge image is refused before anything is decoded', async () => {
  const png = Buffer.from(await encodePng(print));
  const bombs = { png, bmp: Buffer.from(bmp8(print)), pgm: Buffer.from('P5 60000 60000 255\n') };
  png.writeUInt32BE(60_000, 16);
  bombs.bmp.writeInt32LE(60_000, 18);
  for (const [name, bytes] of Object.entries(bombs))
    await assert.rejects(decodeImage(bytes), (error: { code?: string }) => {
      // libpng may notice the header's broken checksum first.
      assert.ok(error.code === 'imaging.bad-size' || error.code === 'imaging.undecodable', `${name}: ${error.code}`);
      return true;
    });
  const vast = await sharp({ create: { width: 9000, height: 9000, channels: 3, background: '#777' } }).png().toBuffer(); // prettier-ignore
  await assert.rejects(decodeImage(vast), { code: 'imaging.bad-size' });
});

void test('a file far larger than an image of a finger is refused unread', async () => {
  await assert.rejects(decodeImage(new Uint8Array(33 * 1024 * 1024)), { code: 'imaging.bad-size' });
});

void test('other formats are refused with what to do', async () => {
  await assert.rejects(decodeImage(Uint8Array.of(0xff, 0xa0, 0xff, 0xa4)), {
    code: 'imaging.unsupported-format',
    message: /WSQ.*dwsq/,
  });
  await assert.rejects(decodeImage(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')), {
    code: 'imaging.unsupported-format',
  });
  await assert.rejects(decodeImage(new Uint8Array()), { code: 'imaging.unsupported-format' });
});

void test('files cut short are refused', async () => {
  for (const [name, make] of Object.entries(lossless)) {
    const bytes = await make();
    await assert.rejects(decodeImage(bytes.subarray(0, bytes.length / 2)), { code: 'imaging.undecodable' }, name);
  }
});

void test('NIST sample images are read', { skip: skipWithout('samples') }, async () => {
  const samples = realData('samples') ?? '';
  for (const folder of ['prints', 'nfiq2'])
    for (const file of readdirSync(join(samples, folder)).filter((name) => /\.(jpg|pgm)$/.test(name))) {
      const image = await decodeImage(readFileSync(join(samples, folder, file)));
      assert.equal(image.dpi, 500);
      assert.equal(image.pixels.length, image.width * image.height);
    }
  await assert.rejects(decodeImage(readFileSync(join(samples, 'img.wsq'))), { code: 'imaging.unsupported-format' });
});

function meanDifference(a: GrayImage, b: GrayImage): number {
  return a.pixels.reduce((sum, gray, place) => sum + Math.abs(gray - b.pixels[place]), 0) / a.pixels.length;
}
