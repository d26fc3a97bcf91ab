import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ansiRecordOf, readAnsi378, writeAnsi378 } from '../../device/minutiae/ansi378.ts';
import { isoRecordOf, readIso19794, writeIso19794 } from '../../device/minutiae/iso19794.ts';
import type { MinutiaeTemplate } from '../../device/minutiae/minutia.ts';
import { readRecord } from '../../device/minutiae/read-record.ts';
import { templateOf, type Iso19794Record } from '../../device/minutiae/record.ts';
import { realData, skipWithout } from '../support/data.ts';
import { randomFinger } from '../support/minutiae.ts';

const finger = randomFinger(7, 40);

/** An ISO record of one ending, byte by byte from the standard's tables. */
const handMade = Uint8Array.of(
  ...[0x46, 0x4d, 0x52, 0x00, 0x20, 0x32, 0x30, 0x00, 0, 0, 0, 36 + 2],
  ...[0x00, 0x21, 0x01, 0x2c, 0x01, 0x90, 0x01, 0x8a, 0x00, 0xc5, 0x01, 0x00],
  ...[0x02, 0x30, 0x55, 0x01],
  ...[0x40, 0xc8, 0x00, 0x64, 0x40, 0x2a],
  ...[0x00, 0x02, 0xaa, 0xbb],
);

void test('an ISO record is read field by field', () => {
  const record = readIso19794(handMade);
  assert.deepEqual(record, {
    standard: 'ISO/IEC 19794-2:2005',
    captureDevice: 0x21,
    width: 300,
    height: 400,
    resolutionX: 394,
    resolutionY: 197,
    reserved: 0,
    views: [
      {
        fingerPosition: 2,
        viewNumber: 3,
        impressionType: 0,
        quality: 85,
        minutiae: [{ type: 1, x: 200, y: 100, reserved: 0, angle: 64, quality: 42 }],
        extended: { statedLength: 2, data: Uint8Array.of(0xaa, 0xbb) },
      },
    ],
    trailing: new Uint8Array(),
  } satisfies Iso19794Record);
  assert.deepEqual(writeIso19794(record), handMade);
});

void test('a template has 500 dpi, radians and names', () => {
  const template = templateOf(readIso19794(handMade));
  assert.deepEqual(template, {
    width: 150,
    height: 400,
    minutiae: [{ x: 100, y: 100, direction: Math.PI / 2, type: 'ending', quality: 42 }],
  });
});

void test('197 pixels per centimetre are 500 dpi, so coordinates stay as stored', () => {
  const record = readIso19794(writeIso19794(isoRecordOf([{ template: finger }])));
  templateOf(record).minutiae.forEach(({ x, y }, row) => {
    assert.equal(x, Math.round(finger.minutiae[row].x));
    assert.equal(y, Math.round(finger.minutiae[row].y));
  });
});

for (const [name, unit, through] of [
  ['ISO', Math.PI / 128, (template: MinutiaeTemplate) => readRecord(writeIso19794(isoRecordOf([{ template }])))],
  ['ANSI', Math.PI / 90, (template: MinutiaeTemplate) => readRecord(writeAnsi378(ansiRecordOf([{ template }])))],
] as const)
  void test(`${name} keeps a template but for rounding, and a second time exactly`, () => {
    const record = through(finger);
    assert.ok(record.standard.startsWith(name));
    const once = templateOf(record);
    once.minutiae.forEach((kept, row) => {
      const { x, y, direction, type, quality } = finger.minutiae[row];
      assert.ok(Math.abs(kept.x - x) <= 0.5 && Math.abs(kept.y - y) <= 0.5);
      const turn = Math.abs(kept.direction - direction) % (2 * Math.PI);
      assert.ok(Math.min(turn, 2 * Math.PI - turn) <= unit / 2 + 1e-9);
      assert.equal(kept.type, type);
      assert.equal(kept.quality, Math.max(1, quality));
    });
    assert.deepEqual(templateOf(through(once)), once);
  });

void test('views of a finger are counted, of several fingers kept apart', () => {
  const other = randomFinger(8, 20);
  const record = isoRecordOf([
    { template: finger, fingerPosition: 2, quality: 70 },
    { template: other, fingerPosition: 2 },
    { template: other, fingerPosition: 7, impressionType: 8 },
  ]);
  const read = readIso19794(writeIso19794(record));
  assert.deepEqual(read, record);
  assert.deepEqual(
    read.views.map(({ fingerPosition, viewNumber, quality }) => [fingerPosition, viewNumber, quality]),
    [[2, 0, 70], [2, 1, 0], [7, 0, 0]], // prettier-ignore
  );
  assert.equal(templateOf(read, 1).minutiae.length, 20);
  assert.throws(() => templateOf(read, 3), { code: 'minutiae.corrupt-record' });
});

void test('of more than 255 minutiae the best are kept', () => {
  const minutiae = Array.from({ length: 300 }, (_, i) => ({ ...finger.minutiae[0], x: i, quality: i / 3 }));
  const read = templateOf(readIso19794(writeIso19794(isoRecordOf([{ template: { ...finger, minutiae } }]))));
  assert.equal(read.minutiae.length, 255);
  assert.ok(read.minutiae.every(({ x }) => x >= 45));
});

void test('ANSI records over 64 KiB take the long length', () => {
  const minutiae = Array.from({ length: 255 }, (_, i) => ({ ...finger.minutiae[0], x: i }));
  const source = { template: { ...finger, minutiae } };
  const record = ansiRecordOf(Array.from({ length: 50 }, (_, finger) => ({ ...source, fingerPosition: finger % 11 })));
  assert.equal(record.longLength, true);
  const bytes = writeAnsi378(record);
  assert.ok(bytes.length > 2 ** 16);
  assert.deepEqual(readRecord(bytes), record);
});

void test('a quality that was not measured speaks neither for nor against a minutia', () => {
  const unmeasured = handMade.with(33, 0);
  assert.equal(templateOf(readIso19794(unmeasured)).minutiae[0].quality, 50);
  assert.deepEqual(writeIso19794(readIso19794(unmeasured)), unmeasured);
});

void test('a minutia outside of the stated size enlarges the template', () => {
  const narrow = handMade.with(15, 0x10).with(14, 0);
  assert.equal(templateOf(readIso19794(narrow)).width, 101);
});

void test('damaged records are refused by a code', () => {
  const wrong: [bytes: Uint8Array, code: string][] = [
    [new Uint8Array(), 'minutiae.truncated-record'],
    [Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0), 'minutiae.not-a-record'],
    [handMade.with(4, 0x30), 'minutiae.unsupported-record'],
    [handMade.with(11, 37), 'minutiae.corrupt-record'],
    [handMade.with(11, 39), 'minutiae.truncated-record'],
    [handMade.with(27, 9), 'minutiae.truncated-record'],
    [handMade.with(22, 2), 'minutiae.truncated-record'],
  ];
  for (const [bytes, code] of wrong) assert.throws(() => readIso19794(bytes), { code });
  for (let length = 0; length < handMade.length; length++)
    assert.throws(() => readRecord(handMade.subarray(0, length)), { code: 'minutiae.truncated-record' });
  for (const resolution of [0, 20])
    assert.throws(() => templateOf(readIso19794(handMade.with(21, resolution))), { code: 'minutiae.corrupt-record' });
});

void test('values that do not fit their fields are refused', () => {
  const record = readIso19794(handMade);
  const wrong: Iso19794Record[] = [
    { ...record, width: 70_000 },
    { ...record, reserved: -1 },
    { ...record, views: [{ ...record.views[0], viewNumber: 16 }] },
    { ...record, views: [{ ...record.views[0], minutiae: [{ ...record.views[0].minutiae[0], x: 16_384 }] }] },
    { ...record, views: [{ ...record.views[0], minutiae: [{ ...record.views[0].minutiae[0], y: 1.5 }] }] },
    { ...record, views: Array.from({ length: 256 }, () => record.views[0]) },
  ];
  for (const unwritable of wrong)
    assert.throws(() => writeIso19794(unwritable), { code: 'minutiae.unwritable-record' });
});

void test("others' ISO records are written back byte for byte", { skip: skipWithout('minutiae') }, () => {
  let read = 0;
  for (const set of ['fvc2002-db1', 'fvc2002-db3', 'fvc2004-db2', 'fvc2004-db3']) {
    const folder = realData(`minutiae/${set}-secugen-iso`) ?? '';
    for (const file of readdirSync(folder)) {
      const bytes = new Uint8Array(readFileSync(join(folder, file)));
      const record = readRecord(bytes);
      assert.equal(record.standard, 'ISO/IEC 19794-2:2005');
      assert.deepEqual(writeIso19794(readIso19794(bytes)), bytes, file);
      const { minutiae } = templateOf(record);
      assert.ok(minutiae.every(({ x, y }) => Number.isInteger(x) && Number.isInteger(y)));
      read++;
    }
  }
  assert.equal(read, 320);
});

void test("NIST's sample records are written back byte for byte", { skip: skipWithout('samples') }, () => {
  const sample = (name: string) => new Uint8Array(readFileSync(join(realData('samples') ?? '', name)));
  const iso = sample('fmr.iso2005');
  const ansi = sample('fmr.ansi2004');
  assert.deepEqual(writeIso19794(readIso19794(iso)), iso);
  assert.deepEqual(writeAnsi378(readAnsi378(ansi)), ansi);
  assert.equal(readRecord(iso).standard, 'ISO/IEC 19794-2:2005');
  assert.equal(readRecord(ansi).standard, 'ANSI/INCITS 378-2004');
  // The two describe the same finger, each in its own unit of angle.
  const [fromIso, fromAnsi] = [templateOf(readIso19794(iso)), templateOf(readAnsi378(ansi))];
  assert.equal(fromIso.minutiae.length, fromAnsi.minutiae.length);
  fromIso.minutiae.forEach((minutia, row) => {
    const same = fromAnsi.minutiae[row];
    assert.deepEqual([minutia.x, minutia.y, minutia.type], [same.x, same.y, same.type]);
    assert.ok(Math.abs(minutia.direction - same.direction) < 0.03);
  });
  assert.throws(() => readRecord(sample('fmr.ansi2007')), { code: 'minutiae.unsupported-record' });
  for (const bytes of ['1_byte', '2_bytes', '3_bytes'])
    assert.throws(() => readRecord(sample(`truncated-iso/101_1_truncate_${bytes}.iso`)), {
      code: 'minutiae.truncated-record',
    });
});
