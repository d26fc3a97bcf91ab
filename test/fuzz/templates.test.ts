import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { GalleryError } from '../../device/gallery/errors.ts';
import { decodeTemplate, encodeTemplate } from '../../device/gallery/template-codec.ts';
import { exactTemplate } from '../support/arbitrary-template.ts';

const CASES = 100_000;

/** The bytes either are the one encoding of a template, or give a coded error. */
function judge(bytes: Uint8Array): boolean {
  let template;
  try {
    template = decodeTemplate(bytes);
  } catch (error) {
    assert.ok(error instanceof GalleryError, String(error));
    return false;
  }
  assert.deepEqual(encodeTemplate(template), Buffer.from(bytes));
  return true;
}

test(`${CASES} damaged templates`, () => {
  const seeds = fc
    .sample(exactTemplate, { numRuns: 200, seed: 1 })
    .map((template) => Buffer.from(encodeTemplate(template)));
  const damage = fc.tuple(
    fc.nat({ max: seeds.length - 1 }),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 3 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.boolean(),
  );
  let read = 0;
  fc.assert(
    fc.property(damage, ([seed, changes, keep, repair]) => {
      const whole = seeds[seed] ?? assert.fail();
      // Header and lengths decide most, so half of the changes fall among the first bytes.
      const bytes = Buffer.from(keep < 0.3 ? whole.subarray(0, Math.round((keep / 0.3) * whole.length)) : whole);
      for (const [at, value] of changes) {
        const place = at % 2 === 0 ? at % 24 : at;
        if (bytes.length > 0) bytes[place % bytes.length] = value;
      }
      if (repair && bytes.length >= 4) bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
      if (judge(bytes)) read++;
    }),
    { numRuns: CASES, seed: 2 },
  );
  // Were everything refused, nothing behind the checksum would have been tried.
  assert.ok(read > CASES / 100, `${read} were read`);
});

test('random bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 700 }), (bytes) => {
      judge(bytes);
    }),
    { numRuns: 10_000, seed: 3 },
  );
});
