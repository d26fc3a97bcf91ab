import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SensorError } from '../../device/sensor/errors.ts';
import * as nb1010 from '../../device/sensor/nb1010/raw-picture.ts';
import * as uru4000 from '../../device/sensor/uru4000/raw-picture.ts';
import { descramble, hidingByte, stepKey } from '../../device/sensor/uru4000/scramble.ts';

const SPACE = { numRuns: 20_000 };

/** Headers that mostly make sense, so that what lies behind them is reached. */
const header = fc
  .tuple(
    fc.oneof(fc.integer({ min: 0, max: 300 }), fc.nat(0xffff)),
    fc.nat(255),
    fc.array(fc.tuple(fc.nat(255), fc.oneof(fc.nat(100), fc.nat(255))), { maxLength: 15 }),
  )
  .map(([lines, key, blocks]) => {
    const bytes = new Uint8Array(64);
    bytes.set([0x10, 0x40, 0x80, 0x01, lines & 0xff, lines >> 8, key]);
    bytes.set(blocks.flat(), 16);
    return bytes;
  });

test('no bytes of a U.are.U reader do more than make a picture or a coded error', () => {
  let taken = 0;
  fc.assert(
    fc.property(header, fc.nat(112_000), fc.nat(255), (first, length, gray) => {
      const bytes = new Uint8Array(length).fill(gray);
      bytes.set(first.subarray(0, length));
      try {
        const picture = uru4000.parseRawPicture(bytes);
        uru4000.looksScrambled(picture);
        assert.equal(uru4000.assemble(picture).length, 384 * 290);
        taken++;
      } catch (error) {
        assert.ok(error instanceof SensorError && error.code === 'sensor.bad-picture', String(error));
      }
    }),
    { numRuns: 2_000 },
  );
  assert.ok(taken > 20, `only ${taken} pictures were whole`);
});

test('no packet of an NB-1010 does more than fill its lines or give a coded error', () => {
  const picture = new Uint8Array(nb1010.PICTURE_WIDTH * nb1010.PICTURE_HEIGHT);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600, size: 'max' }), fc.nat(89), fc.boolean(), (noise, number, whole) => {
      const packet = whole ? new Uint8Array(540) : noise;
      if (whole) {
        packet.set([0x80, 0x21, 0, 0, 0x1c, 0x02], 0);
        packet.set(noise.subarray(0, 540 - 25), 25);
        [packet[12], packet[16], packet[21]] = [number < 89 ? 1 : 0, 2 * number + 1, 1];
      }
      try {
        nb1010.placeLines(picture, packet, number);
        assert.deepEqual(picture.subarray(512 * number, 512 * (number + 1)), packet.subarray(25, 537));
      } catch (error) {
        assert.ok(!whole && error instanceof SensorError && error.code === 'sensor.bad-picture', String(error));
      }
    }),
    SPACE,
  );
});

test('descrambling undoes scrambling for every key', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), fc.nat(0xffffffff), (pixels, key) => {
      const sent = new Uint8Array(pixels.length);
      for (let i = 0, k = key; i + 1 < pixels.length; i++, k = stepKey(k, 1)) sent[i + 1] = pixels[i] ^ hidingByte(k);
      assert.equal(descramble(sent, key), stepKey(key, pixels.length));
      assert.deepEqual(sent, pixels.with(-1, 0));
    }),
    { numRuns: 2_000 },
  );
});
