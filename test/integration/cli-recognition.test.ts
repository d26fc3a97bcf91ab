import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import sharp from 'sharp';
import type { SetReport } from '../../calibration/evaluation.ts';
import { openGalleryIn } from '../../device/gallery/open-in-directory.ts';
import { parseScoreCalibration } from '../../device/matching/decision/score-calibration.ts';
import { MtmMatcher } from '../../device/matching/mtm/matcher.ts';
import { isoRecordOf, writeIso19794 } from '../../device/minutiae/iso19794.ts';
import type { MinutiaeTemplate } from '../../device/minutiae/minutia.ts';
import { jittered, moved, randomFinger } from '../support/minutiae.ts';

const root = mkdtempSync(join(tmpdir(), 'whorl-recognition-'));
after(() => {
  rmSync(root, { recursive: true });
});

/** A made-up finger's impression: the higher the number, the worse; from 8 on little is left of it. */
function impression(finger: number, number: number): MinutiaeTemplate {
  const roomy = { ...moved(randomFinger(finger, 30), 0, 20, 20), width: 340, height: 340 };
  return jittered(roomy, 100 * finger + number, number, 0.03 * number, 0.1 * number);
}

function recordOf(template: MinutiaeTemplate): Uint8Array {
  return writeIso19794(isoRecordOf([{ template }]));
}

/** Runs the real command line. */
async function whorl(...words: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const script = resolve(import.meta.dirname, '../../device/cli/whorl.mjs');
  try {
    return { status: 0, ...(await promisify(execFile)(process.execPath, [script, ...words])) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, stdout, stderr };
  }
}

const sets = ['left', 'right'].map((name, s) => {
  const folder = join(root, name);
  mkdirSync(folder);
  for (let finger = 1; finger <= 7; finger++)
    for (let number = 1; number <= 8; number++)
      writeFileSync(join(folder, `${finger}_${number}.iso`), recordOf(impression(10 * s + finger, number)));
  return folder;
});
const [left, right] = sets;

test('evaluate writes figures, comparisons and a plot, and says what it could not acquire', async () => {
  writeFileSync(join(left, '8_1.iso'), 'damaged');
  const [json, pairs, plot] = ['out.json', 'pairs.csv', 'det.png'].map((name) => join(root, name));
  const { status, stdout, stderr } = await whorl(
    ...['evaluate', left, `${right}@500`, '--jobs', '2', '--json', json, '--pairs', pairs, '--plot', plot],
  );
  assert.equal(status, 0, stderr);
  assert.match(stderr, /left\/8_1\.iso could not be acquired/);
  const reports = JSON.parse(readFileSync(json, 'utf8')) as SetReport[];
  assert.deepEqual(
    reports.map(({ set, images, fingers, failureToAcquire }) => [set, images, fingers, failureToAcquire]),
    [
      ['left', 57, 8, 1],
      ['right', 56, 7, 0],
      ['pool', 113, 15, 1],
    ],
  );
  const lines = readFileSync(pairs, 'utf8').trimEnd().split('\n');
  assert.equal(lines.length, 1 + (57 * 56) / 2 + (56 * 55) / 2);
  assert.match(lines[1], /^left\/1_1\.iso,left\/2_1\.iso,0,[\d.e-]+$/);
  assert.match(stdout, /^pool +minutiae +touches4/m);
  const { format, width } = await sharp(readFileSync(plot)).metadata();
  assert.deepEqual([format, width], ['png', 2240]);
});

test('evaluate of one folder prints one object, and codes what is wrong with its command line', async () => {
  const [one, absent, matcher, jobs] = await Promise.all([
    whorl('evaluate', right, '--jobs', '1', '--json'),
    whorl('--json', 'evaluate', join(root, 'absent')),
    whorl('--json', 'evaluate', right, '--matchers', 'palmistry'),
    whorl('--json', 'evaluate', right, '--jobs', '0'),
  ]);
  const report = JSON.parse(one.stdout) as SetReport;
  assert.equal(report.set, 'right');
  assert.equal(report.matchers.minutiae.pairs.genuine, 7 * 28);
  const code = ({ stdout }: { stdout: string }): string =>
    (JSON.parse(stdout) as { error: { code: string } }).error.code;
  assert.deepEqual([absent, matcher, jobs].map(code), [
    'calibration.no-folder',
    'calibration.unknown-matcher',
    'cli.usage',
  ]);
  assert.deepEqual([absent.status, matcher.status, jobs.status], [1, 1, 2]);
});

test('calibrate writes a calibration that tells its data', async () => {
  const out = join(root, 'scores.json');
  const { status, stderr } = await whorl('calibrate', 'scores', right, '--jobs', '1', '--out', out);
  assert.equal(status, 0, stderr);
  const { data, matcher } = parseScoreCalibration(JSON.parse(readFileSync(out, 'utf8')));
  assert.equal(matcher, 'minutiae');
  assert.deepEqual(data.sets, [{ name: 'right', images: 56, fingers: 7, genuine: 196, impostor: 1344 }]);
});

test('identify and verify decide before the gallery', async () => {
  const state = join(root, 'state');
  const gallery = openGalleryIn(state);
  const matcher = new MtmMatcher();
  for (const [finger, name] of [
    [1, 'Ann'],
    [2, 'Ben'],
  ] as const) {
    const { kind } = gallery.enrol({
      person: gallery.addPerson({ name }).id,
      position: 'right-index',
      touches: [1, 2, 3].map((number) => ({ minutiae: impression(finger, number), quality: 80 })),
      comparison: {
        score: (a, b) => matcher.score(matcher.prepare(a.minutiae), matcher.prepare(b.minutiae)),
        consistentFrom: 0,
        duplicateFrom: Infinity,
      },
      policy: { minimumTouches: 1, minimumQuality: 0, minimumMinutiae: 1 },
    });
    assert.equal(kind, 'enrolled');
  }
  gallery.close();
  const print = (finger: number): string => {
    const path = join(root, `probe-${finger}.iso`);
    writeFileSync(path, recordOf(impression(finger, 1)));
    return path;
  };
  const [ann, nobody, claimed, wrong, unknown, words] = await Promise.all([
    whorl('--json', 'identify', print(1), '--state', state),
    whorl('--json', 'identify', print(5), '--state', state),
    whorl('--json', 'verify', print(1), '--person', 'Ann', '--state', state),
    whorl('--json', 'verify', print(2), '--person', 'Ann', '--state', state),
    whorl('--json', 'verify', print(2), '--person', 'Zoe', '--state', state),
    whorl('identify', print(2), '--state', state, '--explain'),
  ]);
  const told = ({ stdout }: { stdout: string }): Record<string, unknown> =>
    JSON.parse(stdout) as Record<string, unknown>;
  assert.equal(told(ann).decision, 'match');
  assert.equal((told(ann).nearest as { person: { name: string } }).person.name, 'Ann');
  assert.equal((told(ann).second as { person: { name: string } }).person.name, 'Ben');
  assert.equal(told(nobody).decision, 'no-match');
  assert.deepEqual([told(claimed).decision, told(claimed).templates], ['match', 3]);
  assert.equal(told(wrong).decision, 'no-match');
  assert.equal((told(unknown).error as { code: string }).code, 'gallery.unknown-person');
  assert.match(words.stdout, /match.*Ben/);
  assert.match(words.stdout, /6 templates.*comparisons/);
});
