import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../models/synthesis/random.ts';
import type { Cleanup } from './cleanup.ts';
import { type DiskStep, recordDisk, type Recording } from './disk-recording.ts';
import { type Fate, PowerCutDisk } from './power-cut-disk.ts';
import type { PowerCutScene, Promised } from './power-cut-scenes.ts';
import { scratch } from './scratch.ts';

const CHILD = join(import.meta.dirname, 'power-cut-child.ts');
/** The state directory, in the recorded one; the program makes it. */
const STATE = 'state';

/** How much a disk writes at once: a sector, and what flash and newer disks do. */
const BLOCKS = [512, 4096] as const;

/** How the shared memory beside a WAL is called: it is never synced, so anything may stand in it. */
const SHARED_MEMORY = '-shm';

export interface CutOptions {
  /** Cuts at every so-manieth step of the disk; 1 cuts at each. */
  readonly stride: number;
  /** How often each cut is made with other blocks and names lost. */
  readonly shuffles: number;
  readonly seed: number;
}

export interface CutTally {
  readonly steps: number;
  readonly cuts: number;
}

/** Records a scene on a real disk, as a real process plays it. */
export async function recordScene(context: Cleanup, scene: PowerCutScene): Promise<Recording> {
  const recording = await recordDisk(context, (root) => [
    ...[process.execPath, '--import', 'tsx', CHILD, scene.name],
    join(root, STATE),
  ]);
  checkComplete(context, recording);
  return recording;
}

/**
 * Cuts the power at the recorded steps, in all ways, and opens what is left.
 *
 * @throws AssertionError where it does not open, what was promised is missing, or a change is half there
 */
export async function cutPower(
  context: Cleanup,
  { rootInode, steps }: Recording,
  scene: PowerCutScene,
  { stride, shuffles, seed }: CutOptions,
): Promise<CutTally> {
  const random = new Random(seed);
  const promises = promisesOf(steps);
  const disk = new PowerCutDisk(rootInode);
  const place = join(scratch(context), 'cut');
  let [cuts, said, changes] = [0, -1, 0];
  const cut = async (step: number, fate: Fate): Promise<void> => {
    cuts++;
    mkdirSync(place);
    disk.restore(place, fate);
    const state = join(place, STATE);
    const found = await findIn(state, scene, random).catch((error: unknown) => {
      throw new Error(`cut ${inWords(step, fate)}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    });
    const settled = promises.findLastIndex((promise, index) => index <= said && promise.settled);
    const allowed = promises.slice(Math.max(settled, 0), said + 2).map((promise) => promise.state);
    if (!allowed.includes(found))
      assert.fail(`cut ${inWords(step, fate)}: after promise ${said}, found ${found}, not ${allowed.join(' nor ')}`);
    rmSync(place, { recursive: true });
  };
  await cut(-1, { kind: 'none' });
  for (const [index, step] of steps.entries()) {
    disk.apply(step);
    if (step.kind === 'say') {
      said += step.text.split('\n').length - 1;
      continue;
    }
    if (++changes % stride !== 0) continue;
    await cut(index, { kind: 'all' });
    await cut(index, { kind: 'none' });
    for (const block of BLOCKS) {
      if (disk.canTear) await cut(index, { kind: 'torn', block, random });
      for (let shuffle = 0; shuffle < shuffles; shuffle++) await cut(index, { kind: 'any', block, random });
    }
  }
  assert.equal(said, promises.length - 1);
  return { steps: changes, cuts };
}

async function findIn(state: string, scene: PowerCutScene, random: Random): Promise<string> {
  if (existsSync(state))
    for (const file of readdirSync(state).filter((name) => name.endsWith(SHARED_MEMORY))) {
      const { size } = statSync(join(state, file));
      writeFileSync(
        join(state, file),
        Uint8Array.from({ length: size }, () => random.below(256)),
      );
    }
  return await scene.find(state);
}

function promisesOf(steps: readonly DiskStep[]): Promised[] {
  const said = steps.map((step) => (step.kind === 'say' ? step.text : '')).join('');
  return said
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Promised);
}

function inWords(step: number, fate: Fate): string {
  return `after step ${step}, ${fate.kind}${'block' in fate ? ` in blocks of ${fate.block}` : ''}`;
}

/** A recording that leads to the very files that the program left has missed nothing that was written. */
function checkComplete(context: Cleanup, { root, rootInode, steps }: Recording): void {
  const disk = new PowerCutDisk(rootInode);
  for (const step of steps) disk.apply(step);
  const replayed = scratch(context);
  disk.restore(replayed, { kind: 'all' });
  const files = (directory: string): string[] =>
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .filter((name) => !name.endsWith(SHARED_MEMORY) && statSync(join(directory, name)).isFile())
      .sort();
  assert.deepEqual(files(replayed), files(root), 'the recording is not complete');
  for (const name of files(root))
    assert.ok(
      readFileSync(join(replayed, name)).equals(readFileSync(join(root, name))),
      `${name} was not recorded whole`,
    );
}
