import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Cleanup } from './cleanup.ts';
import { scratch } from './scratch.ts';

const SOURCE = join(import.meta.dirname, 'disk-recorder.c');
const LIBRARY = resolve(import.meta.dirname, '../../build/disk-recorder.so');

/** For node:test's `skip`: false where the recorder can be built, else the reason. */
export function skipWithoutRecorder(): string | false {
  if (process.platform !== 'linux') return 'the disk is recorded on Linux only';
  if (existsSync(LIBRARY) && statSync(LIBRARY).mtimeMs > statSync(SOURCE).mtimeMs) return false;
  try {
    mkdirSync(resolve(LIBRARY, '..'), { recursive: true });
    execFileSync('cc', ['-O2', '-shared', '-fPIC', '-o', LIBRARY, SOURCE, '-ldl'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'no C compiler is installed';
  }
}

/** What a program did to the disk, or said. Paths are relative to the recorded directory, which itself is ''. */
export type DiskStep =
  | { readonly kind: 'create' | 'directory' | 'link'; readonly path: string; readonly inode: number }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }
  | { readonly kind: 'unlink'; readonly path: string }
  | { readonly kind: 'write'; readonly inode: number; readonly at: number; readonly data: Buffer }
  | { readonly kind: 'truncate'; readonly inode: number; readonly length: number }
  /** What came before the step `began` is on disk. */
  | { readonly kind: 'sync'; readonly inode: number; readonly began: number }
  | { readonly kind: 'say'; readonly text: string };

export interface Recording {
  /** The directory as the program left it. */
  readonly root: string;
  readonly rootInode: number;
  readonly steps: readonly DiskStep[];
}

/** Runs a program over a directory of its own, to its end, which must be a good one. */
export async function recordDisk(context: Cleanup, argv: (root: string) => readonly string[]): Promise<Recording> {
  const directory = realpathSync(scratch(context));
  const [root, log] = [join(directory, 'disk'), join(directory, 'log')];
  mkdirSync(root);
  const [command, ...rest] = argv(root);
  const child = spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LD_PRELOAD: LIBRARY, WHORL_DISK_ROOT: root, WHORL_DISK_LOG: log },
  });
  let errors = '';
  child.stdout.resume();
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  assert.equal(code, 0, `the recorded program ended by ${code ?? signal}: ${errors}`);
  return { root, rootInode: statSync(root).ino, steps: parseLog(readFileSync(log), root) };
}

const KINDS = [
  '',
  'root',
  'create',
  'directory',
  'rename',
  'link',
  'unlink',
  'write',
  'truncate',
  'sync',
  'say',
] as const;
const HEAD_BYTES = 32;

function parseLog(log: Buffer, root: string): DiskStep[] {
  const steps: DiskStep[] = [];
  /** Which step comes next, by the place in the log where its record begins. */
  const byPlace = new Map<number, number>();
  const inside = (path: string): string => path.slice(root.length + 1);
  for (let place = 0; place < log.length; place += log.readUInt32LE(place)) {
    byPlace.set(place, steps.length);
    const kind = KINDS[log.readUInt32LE(place + 4)];
    const inode = Number(log.readBigUInt64LE(place + 8));
    const at = Number(log.readBigUInt64LE(place + 16));
    const pathEnd = place + HEAD_BYTES + log.readUInt32LE(place + 24);
    const path = inside(log.toString('utf8', place + HEAD_BYTES, pathEnd));
    const data = log.subarray(pathEnd, pathEnd + log.readUInt32LE(place + 28));
    switch (kind) {
      case 'create':
      case 'directory':
      case 'link':
        steps.push({ kind, path, inode });
        break;
      case 'rename':
        steps.push({ kind, path, to: inside(data.toString()) });
        break;
      case 'unlink':
        steps.push({ kind, path });
        break;
      case 'write':
        steps.push({ kind, inode, at, data });
        break;
      case 'truncate':
        steps.push({ kind, inode, length: at });
        break;
      case 'sync':
        steps.push({ kind, inode, began: byPlace.get(at) ?? steps.length });
        break;
      case 'say':
        steps.push({ kind, text: data.toString() });
        break;
      case '':
      case 'root':
        break;
    }
  }
  return steps;
}
