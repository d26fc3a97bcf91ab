import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import { test } from 'node:test';
import sharp from 'sharp';
import { decodeImage } from '../../device/imaging/decode.ts';
import { encodePng } from '../../device/imaging/encode.ts';
import { ImagingError } from '../../device/imaging/errors.ts';
import { bmp24, bmp8, pgmBinary, pgmText, ringPrint, tiffGray, tiffPaletteLzw } from '../support/image-files.ts';
import { random } from '../support/minutiae.ts';
import { mutated } from '../support/mutation.ts';

/** Of each of nine kinds of file. */
const INPUTS = 1_200;
/** Images in decoding at once: sharp's threads are not waited for one by one. */
const AT_ONCE = 8;
/** Milliseconds that no damaged image may take; a sound one of this size takes a few. */
const HANG = 10_000;

const print = ringPrint(40, 36);
const raw = { raw: { width: print.width, height: print.height, channels: 1 } } as const;

const files: Record<string, () => Uint8Array | Promise<Uint8Array>> = {
  PNG: () => encodePng(print),
  'PNG in colour with alpha': () => sharp(print.pixels, raw).toColourspace('srgb').ensureAlpha(0.5).png().toBuffer(),
  JPEG: () => sharp(print.pixels, raw).jpeg().toBuffer(),
  'TIFF of gray': () => tiffGray(print, 500),
  'TIFF of palette and LZW': () => tiffPaletteLzw(print, 500),
  'BMP of 8 bits': () => bmp8(print),
  'BMP of 24 bits': () => bmp24(print),
  'PGM in text': () => pgmText(print),
  'PGM of 16 bits': () => pgmBinary(print, 65535),
};

for (const [name, make] of Object.entries(files))
  void test(`${INPUTS} damaged files (${name}) give an image or a coded error`, async () => {
    const original = await make();
    const next = random(name.length);
    let decoded = 0;
    for (let done = 0; done < INPUTS; done += AT_ONCE) {
      const inputs = Array.from({ length: AT_ONCE }, (_, i) => {
        const bytes = mutated(original, next);
        return name.startsWith('PNG') && i % 2 === 0 ? withChecksums(bytes) : bytes;
      });
      decoded += (await Promise.all(inputs.map((bytes) => decodes(bytes)))).filter(Boolean).length;
    }
    assert.ok(decoded > 0 && decoded < INPUTS, `${decoded} of ${INPUTS} were decoded`);
  });

void test(`${INPUTS} runs of any bytes, raw of any size, give an image or a coded error`, async () => {
  const next = random(99);
  for (let i = 0; i < INPUTS; i++) {
    const bytes = Uint8Array.from({ length: Math.floor(next() * 3000) }, () => Math.floor(next() * 256));
    await decodes(bytes);
    const size = { width: Math.floor(next() * 80) - 8, height: Math.floor(next() * 80) - 8 };
    await decodes(bytes.subarray(0, Math.max(0, size.width * size.height)), { raw: size, dpi: 90 + next() * 1000 });
  }
});

/** Whether the bytes were an image; everything but a sound image and a coded error fails the test. */
async function decodes(bytes: Uint8Array, hints: Parameters<typeof decodeImage>[1] = {}): Promise<boolean> {
  const startedAt = performance.now();
  try {
    const { width, height, dpi, pixels } = await decodeImage(bytes, hints);
    assert.equal(dpi, 500);
    assert.equal(pixels.length, width * height);
    return true;
  } catch (error) {
    if (!(error instanceof ImagingError)) throw new Error(Buffer.from(bytes).toString('hex'), { cause: error });
    return false;
  } finally {
    assert.ok(performance.now() - startedAt < HANG, `took too long: ${Buffer.from(bytes).toString('hex')}`);
  }
}

/** A PNG whose chunks have right checksums again, so that damage gets past the first look. */
function withChecksums(bytes: Uint8Array): Uint8Array {
  const png = Buffer.from(bytes);
  for (let at = 8; at + 12 <= png.length;) {
    const end = at + 8 + png.readUInt32BE(at);
    if (end + 4 > png.length) break;
    png.writeUInt32BE(crc32(png.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return png;
}
