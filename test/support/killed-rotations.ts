import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Gallery } from '../../device/gallery/gallery.ts';
import { masterKeyPath, nextKeyPath, openGalleryIn } from '../../device/gallery/open-in-directory.ts';
import type { Cleanup } from './cleanup.ts';
import { enrolArtificial } from './gallery.ts';
import { scratch } from './scratch.ts';

const CHILD = join(import.meta.dirname, 'rotating-child.ts');
const PEOPLE = 12;
/** Time for some rotations. */
const LONGEST_MS = 400;

export interface KilledRotations {
  /** Rotations that were finished. */
  readonly rotations: number;
  /** Rounds whose rotation had locked the gallery with a key that was not yet in its place. */
  readonly finishedAtOpening: number;
  /** Kills after which the gallery did not open with everything in it. */
  readonly lost: number;
}

/** Kills a process that rotates the master key, again and again, at random instants. */
export async function killRotations(
  context: Cleanup,
  rounds: number,
  onRound: (round: number) => void,
): Promise<KilledRotations> {
  const state = scratch(context);
  const first = openGalleryIn(state);
  for (let i = 0; i < PEOPLE; i++) enrolArtificial(first, first.addPerson({ name: `person ${i}` }).id, `finger ${i}`);
  first.saveRules('rules of the door', 'a test', new Map());
  const whole = everything(first);
  first.close();
  let [rotations, finishedAtOpening, lost] = [0, 0, 0];
  for (let round = 0; round < rounds; round++) {
    onRound(round);
    rotations += await killedRun(state);
    const key = readFileSync(masterKeyPath(state));
    const pending = existsSync(nextKeyPath(state));
    const gallery = openGalleryIn(state);
    if (pending && !readFileSync(masterKeyPath(state)).equals(key)) finishedAtOpening++;
    if (everything(gallery) !== whole) lost++;
    gallery.close();
  }
  return { rotations, finishedAtOpening, lost };
}

async function killedRun(state: string): Promise<number> {
  const running = spawn(process.execPath, ['--import', 'tsx', CHILD, state], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(running, 'close');
  let output = '';
  running.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output === '') setTimeout(() => running.kill('SIGKILL'), Math.random() * LONGEST_MS);
    output += text;
  });
  const [, signal] = (await closed) as [number | null, string | null];
  if (signal !== 'SIGKILL') throw new Error('the rotation ended by itself');
  return output.split('rotated\n').length - 1;
}

function everything(gallery: Gallery): string {
  const { people, damaged } = gallery.contents();
  return JSON.stringify([people, damaged, gallery.rules(1)]);
}
