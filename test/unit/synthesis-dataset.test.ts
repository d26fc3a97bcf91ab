import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { decodeImage } from '../../device/imaging/decode.ts';
import type { DatasetPlan } from '../../models/synthesis/dataset/plan.ts';
import { writePngUnit } from '../../models/synthesis/dataset/png-unit.ts';
import { writeShardUnit } from '../../models/synthesis/dataset/shard-unit.ts';
import { writeDataset } from '../../models/synthesis/dataset/write-dataset.ts';
import { writeStripes } from '../../models/synthesis/dataset/write-stripes.ts';
import { SynthesisError } from '../../models/synthesis/errors.ts';

const root = mkdtempSync(join(tmpdir(), 'whorl-synthesis-'));
after(() => {
  rmSync(root, { recursive: true });
});

const PLAN: DatasetPlan = {
  seed: 5,
  fingers: 10,
  impressions: 1,
  siblings: 1,
  sensor: 'R503',
  severity: 1,
  format: 'png',
  alterations: false,
};

test('An interrupted dataset goes on where it stopped and ends with the hash of an uninterrupted one', async () => {
  const whole = await writeDataset(PLAN, join(root, 'whole'), {
    jobs: 2,
    signal: never(),
    onProgress: () => undefined,
  });

  const interrupted = new AbortController();
  const directory = join(root, 'resumed');
  await assert.rejects(
    writeDataset(PLAN, directory, {
      jobs: 1,
      signal: interrupted.signal,
      onProgress: (units) => {
        if (units === 1) interrupted.abort(new Error('stop here'));
      },
    }),
    /stop here/,
  );
  const counts: number[] = [];
  const resumed = await writeDataset(PLAN, directory, {
    jobs: 1,
    signal: never(),
    onProgress: (units) => counts.push(units),
  });
  assert.deepEqual(counts, [1, 2], 'the finished unit was not drawn again');
  assert.equal(resumed.sha256, whole.sha256);
  const files = (folder: string): string[] => readdirSync(join(root, folder)).filter((name) => name.endsWith('.png'));
  assert.deepEqual(files('resumed'), files('whole'));
  assert.equal(files('whole').length, 10);
  assert.deepEqual(JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')), whole);
});

test('A directory with another dataset, and a manifest that is none, are refused', async () => {
  const directory = join(root, 'whole');
  const options = { jobs: 1, signal: never(), onProgress: (): void => undefined };
  await assert.rejects(writeDataset({ ...PLAN, seed: 6 }, directory, options), code('synthesis.other-dataset'));
  await assert.rejects(
    writeDataset({ ...PLAN, format: 'shards', alterations: true }, directory, options),
    code('synthesis.bad-plan'),
  );
  writeFileSync(join(directory, 'manifest.json'), 'not JSON');
  await assert.rejects(writeDataset(PLAN, directory, options), code('synthesis.bad-manifest'));
});

test('What the JSON beside a print says fits the print', async () => {
  const directory = join(root, 'altered');
  await writePngUnit({ ...PLAN, fingers: 1, alterations: true }, directory, 0);
  const image = await decodeImage(readFileSync(join(directory, '1_1.png')));
  const truth = JSON.parse(readFileSync(join(directory, 'truth', '1_1.json'), 'utf8')) as {
    width: number;
    height: number;
    maskRuns: number[];
    minutiae: { x: number; y: number }[];
  };
  assert.deepEqual([truth.width, truth.height], [image.width, image.height]);
  assert.equal(
    truth.maskRuns.reduce((sum, run) => sum + run, 0),
    image.width * image.height,
  );
  assert.ok(truth.minutiae.length > 5);
  assert.equal(readdirSync(join(directory, 'altered')).length, 9);
});

test('Shards are arrays that NumPy reads, equal however often they are written', async () => {
  const plan: DatasetPlan = { ...PLAN, fingers: 2, format: 'shards' };
  const directory = join(root, 'whole');
  const hash = await writeShardUnit(plan, directory, 0);
  assert.equal(await writeShardUnit(plan, directory, 0), hash);
  const images = readFileSync(join(directory, 'images-00000.npy'));
  assert.equal(images.subarray(1, 6).toString('latin1'), 'NUMPY');
  const start = 10 + images.readUInt16LE(8);
  assert.equal(start % 64, 0);
  assert.match(images.subarray(10, start).toString('latin1'), /'descr': '\|u1', .*'shape': \(2, 192, 192\), \} *\n$/);
  assert.equal(images.length - start, 2 * 192 * 192);
});

test('The stripe fingers are 160 × 160, six pixels a stripe, 15 equal scans each', async () => {
  const directory = join(root, 'stripes');
  await writeStripes(directory);
  assert.equal(readdirSync(directory).length, 30);
  const image = await decodeImage(readFileSync(join(directory, 'vertical_15.png')), { polarity: 'dark-ridges' });
  assert.deepEqual([image.width, image.height], [160, 160]);
  assert.deepEqual([...image.pixels.subarray(0, 13)], [0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 0]);
});

function never(): AbortSignal {
  return new AbortController().signal;
}

function code(expected: string): (error: unknown) => boolean {
  return (error) => error instanceof SynthesisError && error.code === expected;
}
