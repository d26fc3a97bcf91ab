import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Cleanup } from './cleanup.ts';
import { scratch } from './scratch.ts';

const FILLER = 'filler';
const PIECE = Buffer.alloc(64 * 1024);

/** For node:test's `skip`: false where a disk of its own can be mounted, else the reason. */
export function skipWithoutMount(): string | false {
  if (process.geteuid?.() !== 0) return 'only root can mount a small disk';
  const directory = '/tmp';
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', directory], { stdio: 'ignore' });
    return false;
  } catch {
    return 'no disk can be mounted here';
  }
}

/** A disk of its own, in memory, that a test fills up. */
export class SmallDisk {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static mount(context: Cleanup, megabytes: number): SmallDisk {
    const path = scratch(context);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'tmpfs', path]);
    context.after(() => {
      execFileSync('umount', ['--lazy', path]);
    });
    return new SmallDisk(path);
  }

  /** Leaves no room at all. */
  fill(): void {
    const file = openSync(join(this.path, FILLER), 'a');
    try {
      for (let piece = PIECE; piece.length > 0;)
        try {
          writeSync(file, piece);
        } catch {
          piece = piece.subarray(0, piece.length >>> 1);
        }
    } finally {
      closeSync(file);
    }
  }

  clear(): void {
    rmSync(join(this.path, FILLER), { force: true });
  }
}
