import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { scratch } from '../support/scratch.ts';

const EXPERIMENTS = resolve(import.meta.dirname, '../../models/training/experiments');
/** Small networks are quickest on one thread. */
const ONE_THREAD = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };

/** The system's own Python comes second: another may stand before it on the path, without what the system has. */
const python = ['python3', '/usr/bin/python3'].find((command) => {
  const env = { ...process.env, ...ONE_THREAD };
  return spawnSync(command, ['-c', 'import torch, numpy, PIL'], { env }).status === 0;
});
const skip = python === undefined && 'no python3 with torch, numpy and PIL is on this machine';

interface Recorded {
  readonly setting: string;
  readonly data: readonly { readonly source: string }[];
  readonly figures: unknown;
}

/** Runs an experiment's small setting on artificial prints and reads what it recorded. */
async function recordedBy(experiment: string, work: string): Promise<Recorded> {
  const env = { ...process.env, ...ONE_THREAD, WHORL_EXPERIMENTS: work, WHORL_DATA: join(work, 'no-real-prints') };
  await promisify(execFile)(String(python), [join(EXPERIMENTS, `${experiment}.py`), '--quick'], { env });
  return JSON.parse(readFileSync(join(work, 'quick', `${experiment}.json`), 'utf8')) as Recorded;
}

const EXPECTED: Readonly<Record<string, { pictures: readonly string[]; check: (figures: never) => void }>> = {
  crops: {
    pictures: ['crops.svg', 'crops-MSE.png', 'crops-BCE.png', 'crops-losses.png'],
    check: (figures: { 'by size': { MSE: number }[] }) => {
      const errors = figures['by size'].map(({ MSE }) => MSE);
      assert.ok(errors.length === 2 && errors.every((error) => error > 0 && error < 0.3), String(errors));
    },
  },
  whole: {
    pictures: ['whole.svg', 'whole.png'],
    check: (figures: { codes: Record<string, { MSE: number; touches: Record<string, { genuine: number }> }> }) => {
      for (const { MSE, touches } of Object.values(figures.codes)) {
        assert.ok(MSE > 0 && MSE < 0.5);
        assert.ok(touches['print to its own reconstruction'].genuine > 0);
      }
    },
  },
  altered: {
    pictures: ['altered.svg', 'altered.png'],
    check: (figures: Record<string, { AUC?: number }>) => {
      const trials = Object.values(figures).filter(({ AUC }) => AUC !== undefined);
      // What comes from the document has an AUC too.
      assert.equal(trials.length, 7);
    },
  },
  stripes: {
    pictures: ['stripes.svg', 'stripes.png'],
    check: (figures: { 'by seed': Record<string, { 'accuracy in training': number[] }> }) => {
      const of = (name: string) => figures['by seed'][name]['accuracy in training'][0];
      assert.ok(of('three dense, dropout 0.3') < 0.7, 'the net of the document stalls');
      assert.equal(of('one dense'), 1);
      assert.equal(of('convolutions, average pooling'), 1);
    },
  },
  oneshot: {
    pictures: ['oneshot.svg', 'oneshot.png', 'oneshot-minutiae.png'],
    check: (figures: { attribution: Record<string, number> }) => {
      assert.ok(figures.attribution['largest difference of a score and the sum of its parts'] < 1e-4);
    },
  },
};

for (const [experiment, { pictures, check }] of Object.entries(EXPECTED))
  test(`the experiment ${experiment} runs on artificial prints in its small setting`, { skip }, async (context) => {
    const work = scratch(context);
    const { setting, data, figures } = await recordedBy(experiment, work);
    assert.equal(setting, 'quick');
    assert.ok(data.every(({ source }) => source === 'artificial'));
    for (const picture of pictures) assert.ok(existsSync(join(work, 'quick/pictures', picture)), picture);
    check(figures as never);
  });
