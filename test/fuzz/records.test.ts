import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ansiRecordOf, readAnsi378, writeAnsi378 } from '../../device/minutiae/ansi378.ts';
import { MinutiaeError } from '../../device/minutiae/errors.ts';
import { isoRecordOf, readIso19794, writeIso19794 } from '../../device/minutiae/iso19794.ts';
import { readRecord } from '../../device/minutiae/read-record.ts';
import { templateOf, type MinutiaeRecord } from '../../device/minutiae/record.ts';
import { readXyt } from '../../device/minutiae/xyt.ts';
import { random, randomFinger } from '../support/minutiae.ts';
import { mutated } from '../support/mutation.ts';

const INPUTS = 100_000;

const sources = [12, 0, 3].map((count, index) => ({
  template: randomFinger(index, count),
  fingerPosition: index,
  quality: 60,
}));
const extended = { statedLength: 5, data: Uint8Array.of(0, 1, 0, 5, 9) };
const iso = isoRecordOf(sources);
const ansi = ansiRecordOf(sources);
const isoFiles = [
  writeIso19794(iso),
  writeIso19794({ ...iso, views: iso.views.map((view) => ({ ...view, extended })) }),
];
const ansiFiles = [
  writeAnsi378(ansi),
  writeAnsi378({ ...ansi, longLength: true, views: ansi.views.map((view) => ({ ...view, extended })) }),
];

/** The codes that reading gave, and how often; every other outcome fails the test. */
function outcomes(inputs: Iterable<Uint8Array>, read: (bytes: Uint8Array) => void): Map<string, number> {
  const seen = new Map<string, number>();
  for (const bytes of inputs) {
    let outcome = 'read';
    try {
      read(bytes);
    } catch (error) {
      if (!(error instanceof MinutiaeError)) throw new Error(Buffer.from(bytes).toString('hex'), { cause: error });
      outcome = error.code;
    }
    seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
  }
  return seen;
}

function* damaged(files: readonly Uint8Array[], seed: number, lengthAt: number): Generator<Uint8Array> {
  const next = random(seed);
  for (let i = 0; i < INPUTS; i++) {
    const bytes = mutated(files[i % files.length], next);
    // Every second record states its new length, so that damage behind the header is reached.
    if (i % 2 === 0 && bytes.length >= lengthAt + 4) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      if (lengthAt === 8 || view.getUint16(8) === 0) view.setUint32(lengthAt, bytes.length);
      else view.setUint16(8, bytes.length);
    }
    yield bytes;
  }
}

function checkTemplates(record: MinutiaeRecord): void {
  for (const index of record.views.keys()) {
    const { width, height, minutiae } = templateOf(record, index);
    for (const { x, y, direction, quality } of minutiae)
      assert.ok(
        x >= 0 && x < width && y >= 0 && y < height && direction >= 0 && direction < 2 * Math.PI && quality <= 100,
      );
  }
}

void test(`${INPUTS} damaged ISO records are read back byte for byte or refused by a code`, () => {
  const seen = outcomes(damaged(isoFiles, 1, 8), (bytes) => {
    const record = readIso19794(bytes);
    assert.deepEqual(writeIso19794(record), bytes);
    checkTemplates(record);
  });
  for (const outcome of ['read', 'minutiae.truncated-record', 'minutiae.corrupt-record', 'minutiae.not-a-record'])
    assert.ok((seen.get(outcome) ?? 0) > 100, `${outcome} was not reached: ${JSON.stringify([...seen])}`);
});

void test(`${INPUTS} damaged ANSI records are read back byte for byte or refused by a code`, () => {
  const seen = outcomes(damaged(ansiFiles, 2, 10), (bytes) => {
    const record = readAnsi378(bytes);
    assert.deepEqual(writeAnsi378(record), bytes);
    checkTemplates(record);
  });
  for (const outcome of ['read', 'minutiae.truncated-record', 'minutiae.corrupt-record', 'minutiae.not-a-record'])
    assert.ok((seen.get(outcome) ?? 0) > 100, `${outcome} was not reached: ${JSON.stringify([...seen])}`);
});

void test('any bytes after the format identifier are read or refused by a code', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (rest) => {
      const bytes = Uint8Array.of(0x46, 0x4d, 0x52, 0, 0x20, 0x32, 0x30, 0, ...rest);
      outcomes([bytes], (input) => {
        checkTemplates(readRecord(input));
      });
    }),
    { numRuns: 10_000 },
  );
});

void test('any text is read as xyt or refused by a code', () => {
  const token = fc.oneof(fc.nat(400).map(String), fc.constantFrom('-1', '1e9', 'x', '', '99999999999999'));
  const line = fc.array(token, { maxLength: 6 }).map((tokens) => tokens.join(' '));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(line, { maxLength: 8 }).map((lines) => lines.join('\n')),
      ),
      (text) => {
        outcomes([Buffer.from(text)], () => {
          for (const { x, y, direction } of readXyt(text).minutiae) assert.ok(x >= 0 && y >= 0 && direction >= 0);
        });
      },
    ),
    { numRuns: 10_000 },
  );
});
