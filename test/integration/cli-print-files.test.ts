import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { encodePng } from '../../device/imaging/encode.ts';
import { readRecord } from '../../device/minutiae/read-record.ts';
import { templateOf } from '../../device/minutiae/record.ts';
import { isoRecordOf, writeIso19794 } from '../../device/minutiae/iso19794.ts';
import { ringPrint } from '../support/image-files.ts';
import { jittered, randomFinger } from '../support/minutiae.ts';

const folder = mkdtempSync(join(tmpdir(), 'whorl-print-files-'));
const file = (name: string) => join(folder, name);
after(() => {
  rmSync(folder, { recursive: true });
});

const finger = randomFinger(11, 40);
writeFileSync(file('rings.png'), await encodePng(ringPrint(300, 300)));
writeFileSync(file('finger.iso'), writeIso19794(isoRecordOf([{ template: finger }])));
writeFileSync(file('again.iso'), writeIso19794(isoRecordOf([{ template: jittered(finger, 1, 2, 0.05, 0.1) }])));
writeFileSync(file('other.iso'), writeIso19794(isoRecordOf([{ template: randomFinger(12, 40) }])));

/** Runs the real command line. */
async function whorl(...words: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const script = resolve(import.meta.dirname, '../../device/cli/whorl.mjs');
  try {
    return { status: 0, ...(await promisify(execFile)(process.execPath, [script, ...words], { encoding: 'latin1' })) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, stdout, stderr };
  }
}

void test('extract converts a record, to a file or a pipe', async () => {
  assert.equal(
    (await whorl('extract', file('finger.iso'), '--format', 'whorl', '--out', file('finger.whorl'))).status,
    0,
  );
  const { stdout } = await whorl('extract', file('finger.whorl'), '--format', 'ansi');
  const record = readRecord(Buffer.from(stdout, 'latin1'));
  assert.equal(record.standard, 'ANSI/INCITS 378-2004');
  assert.equal(templateOf(record).minutiae.length, 40);
});

void test('extract judges an image and draws what it found', async () => {
  const { stdout, status } = await whorl('--json', 'extract', file('rings.png'), '--overlay', file('rings-drawn.png'));
  assert.equal(status, 0);
  assert.equal(typeof (JSON.parse(stdout) as { quality: unknown }).quality, 'number');
  assert.equal((await sharp(readFileSync(file('rings-drawn.png'))).metadata()).width, 600);
});

void test('compare tells the same finger from another and draws why', async () => {
  const words = ['compare', file('finger.iso'), file('again.iso'), '--explain', file('why.svg')];
  const [same, other] = await Promise.all([
    whorl('--json', ...words),
    whorl('--json', 'compare', file('finger.iso'), file('other.iso')),
  ]);
  const [high, low] = [same, other].map(({ stdout }) => JSON.parse(stdout) as { score: number; llr: number });
  assert.ok(high.score > 3 * low.score && high.llr > low.llr);
  assert.match(readFileSync(file('why.svg'), 'utf8'), /^<svg .*score/s);
});

void test('what cannot be read or written is told by a code', async () => {
  const failures = [
    [['extract', file('absent.png')], 'cli.unreadable-file'],
    [['extract', file('finger.iso'), '--out', file('no/such/folder')], 'cli.unwritable-file'],
  ] as const;
  await Promise.all(
    failures.map(async ([words, code]) => {
      const { status, stdout } = await whorl('--json', ...words);
      assert.equal(status, 1);
      assert.equal((JSON.parse(stdout) as { error: { code: string } }).error.code, code);
    }),
  );
});

void test('alter writes a print nine times, changed in its middle alone', async () => {
  const { stdout, status } = await whorl('--json', 'alter', file('rings.png'), '--out', file('altered'));
  assert.equal(status, 0);
  assert.equal((JSON.parse(stdout) as { prints: number }).prints, 1);
  const original = await sharp(readFileSync(file('rings.png')))
    .raw()
    .toBuffer();
  for (const kind of ['obliteration', 'central-rotation', 'z-cut'])
    for (const level of ['easy', 'medium', 'hard']) {
      const altered = await sharp(readFileSync(join(file('altered'), `rings_${kind}_${level}.png`)))
        .raw()
        .toBuffer();
      assert.equal(altered.length, original.length);
      assert.notDeepEqual(altered, original);
      assert.deepEqual(altered.subarray(0, 300), original.subarray(0, 300));
    }
});

void test('alter says what it cannot read or make', async () => {
  assert.match(
    (await whorl('alter', file('finger.iso'), '--out', file('altered'))).stderr,
    /finger\.iso|picture|image/,
  );
  assert.match((await whorl('alter', file('rings.png'), '--out', file('rings.png'))).stderr, /cannot be made/);
});
