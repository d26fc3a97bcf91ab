import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { GalleryError } from '../../device/gallery/errors.ts';
import { decodeTemplate, encodeTemplate, type TouchTemplate } from '../../device/gallery/template-codec.ts';
import type { Minutia } from '../../device/minutiae/minutia.ts';
import { exactTemplate } from '../support/arbitrary-template.ts';

const minutia: Minutia = { x: 100.1, y: 299.99, direction: 1, type: 'bifurcation', quality: 77.4 };

const of = (count: number, change: Partial<Minutia> = {}): TouchTemplate => ({
  minutiae: {
    width: 300,
    height: 300,
    minutiae: Array.from({ length: count }, (_, i) => ({ ...minutia, x: i, ...change })),
  },
  quality: 80,
});

const coded = (code: string) => (error: unknown) => error instanceof GalleryError && error.code === code;

/** Puts a right checksum under changed bytes, so that the change itself is judged. */
function resealed(bytes: Uint8Array, change: (bytes: Buffer) => void): Uint8Array {
  const copy = Buffer.from(bytes);
  change(copy);
  copy.writeUInt32BE(crc32(copy.subarray(0, copy.length - 4)), copy.length - 4);
  return copy;
}

test('a template survives its encoding', () => {
  fc.assert(
    fc.property(exactTemplate, (template) => {
      const bytes = encodeTemplate(template);
      assert.deepEqual(decodeTemplate(bytes), template);
      assert.deepEqual(encodeTemplate(decodeTemplate(bytes)), bytes);
    }),
  );
});

test('other values are rounded to the next step', () => {
  const [read] = decodeTemplate(
    encodeTemplate({ ...of(0), minutiae: { width: 300, height: 300, minutiae: [minutia] } }),
  ).minutiae.minutiae;
  assert.ok(read);
  assert.equal(read.x, 100.125);
  assert.equal(read.y, 299.875);
  assert.ok(Math.abs(read.direction - 1) <= Math.PI / 2048);
  assert.equal(read.quality, 77);
  const almostOneTurn = decodeTemplate(encodeTemplate(of(1, { direction: 2 * Math.PI - 1e-9 })));
  assert.equal(almostOneTurn.minutiae.minutiae[0]?.direction, 0);
});

test('sizes: 284 bytes at 45 minutiae, 590 at the limit, 1,890 with everything', () => {
  assert.equal(encodeTemplate(of(45)).length, 284);
  assert.equal(encodeTemplate(of(96)).length, 590);
  assert.equal(
    encodeTemplate({
      ...of(96),
      latent: { model: '0123456789abcdef', values: new Int8Array(256) },
      grid: { model: '0123456789abcdef', values: new Uint8Array(1024) },
    }).length,
    590 + 266 + 1034,
  );
});

test('of too many minutiae the best stay, in their order', () => {
  const minutiae = Array.from({ length: 120 }, (_, i) => ({ ...minutia, x: i, quality: (i * 37) % 101 }));
  const read = decodeTemplate(encodeTemplate({ minutiae: { width: 300, height: 300, minutiae }, quality: 50 }));
  const kept = read.minutiae.minutiae;
  assert.equal(kept.length, 96);
  assert.deepEqual(
    kept.map(({ x }) => x),
    kept.map(({ x }) => x).toSorted((a, b) => a - b),
  );
  const dropped = minutiae.filter(({ x }) => !kept.some((other) => other.x === x));
  assert.ok(Math.max(...dropped.map(({ quality }) => quality)) <= Math.min(...kept.map(({ quality }) => quality)));
});

test('values that no touch can have are refused', () => {
  const wrong: TouchTemplate[] = [
    of(1, { x: -1 }),
    of(1, { x: 300 }),
    of(1, { y: NaN }),
    of(1, { direction: 7 }),
    of(1, { direction: Infinity }),
    of(1, { quality: 101 }),
    { ...of(1), quality: NaN },
    { ...of(1), minutiae: { width: 0, height: 10, minutiae: [] } },
    { ...of(1), minutiae: { width: 10, height: 2049, minutiae: [] } },
    { ...of(1), latent: { model: 'ABC', values: new Int8Array(4) } },
    { ...of(1), latent: { model: '0123456789abcdef', values: new Int8Array(257) } },
    { ...of(1), grid: { model: '0123456789abcdef', values: new Uint8Array(0) } },
  ];
  for (const template of wrong) assert.throws(() => encodeTemplate(template), coded('gallery.template-invalid'));
});

test('every truncation and every flipped bit is noticed', () => {
  const bytes = encodeTemplate({
    ...of(5),
    latent: { model: '0123456789abcdef', values: Int8Array.of(1, -2, 3) },
    grid: { model: 'fedcba9876543210', values: Uint8Array.of(1, 2) },
  });
  for (let length = 0; length < bytes.length; length++)
    assert.throws(() => decodeTemplate(bytes.subarray(0, length)), coded('gallery.template-malformed'));
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Uint8Array.from(bytes);
    flipped[bit >> 3] = flipped[bit >> 3] ^ (1 << (bit & 7));
    assert.throws(() => decodeTemplate(flipped), GalleryError);
  }
});

test('bytes of a newer version say so', () => {
  const newer = resealed(encodeTemplate(of(3)), (bytes) => (bytes[2] = 2));
  assert.throws(() => decodeTemplate(newer), coded('gallery.template-version'));
});

test('bytes that are not the one encoding of a template are refused, checksum or not', () => {
  const bytes = encodeTemplate({ ...of(3), grid: { model: 'fedcba9876543210', values: Uint8Array.of(1, 2) } });
  const changes: ((bytes: Buffer) => void)[] = [
    (b) => (b[3] = 4), // unknown flag
    (b) => (b[3] = 0), // grid not announced
    (b) => (b[3] = 3), // latent announced, absent
    (b) => b.writeUInt16BE(0, 4), // no width
    (b) => b.writeUInt16BE(2049, 6), // too high
    (b) => (b[8] = 101), // quality
    (b) => (b[9] = 97), // too many minutiae
    (b) => (b[9] = 60), // more than there are
    (b) => b.writeUIntBE(0xffffff, 10, 3), // outside of the impression
    (b) => (b[14] = b[14] | 1), // type 3
    (b) => (b[15] = 127), // minutia's quality
    (b) => b.writeUInt16BE(3, 10 + 18 + 8), // grid longer than the bytes
    (b) => b.writeUInt16BE(1, 10 + 18 + 8), // bytes left over
    (b) => b.writeUInt16BE(0, 10 + 18 + 8), // empty grid
  ];
  for (const change of changes)
    assert.throws(() => decodeTemplate(resealed(bytes, change)), coded('gallery.template-malformed'), String(change));
});
