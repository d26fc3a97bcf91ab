import packageJson from '../../package.json' with { type: 'json' };
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { percentile } from '../../calibration/error-rates.ts';
import type { ModelIds } from '../../device/matching/fusion/parts.ts';
import { enrolCrowd } from '../support/crowd.ts';

export interface CrowdFigures {
  /** From the command to the first touch that could be served. */
  readonly readyMs: number;
  /** Picture in memory to decision, milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly touches: number;
  /** Of all its processes at most, megabytes; what they share counts once. */
  readonly memory: number;
}

const ROOT = join(import.meta.dirname, '../..');
const EVERY_MS = 200;
/** Touches after which everything is warm. */
const WARM = 5;

/** Runs the terminal itself among so many people, each enrolled by one finger, with artificial touches. */
export async function runCrowded(
  people: number,
  touchesEach: number,
  touches: number,
  models: ModelIds,
): Promise<CrowdFigures> {
  const state = mkdtempSync(join(tmpdir(), 'whorl-crowd-'));
  try {
    enrolCrowd(state, people, touchesEach, models);
    const begin = performance.now();
    const words = ['--state', state, '--touches', String(touches + WARM)];
    // As `npm start` does it, but without npm's own process.
    const child = spawn('sh', ['-c', `exec ${packageJson.scripts.start} "$@"`, 'sh', ...words], {
      cwd: ROOT,
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const done = new AbortController();
    child.once('exit', () => {
      done.abort();
    });
    let readyMs = NaN;
    const times: number[] = [];
    createInterface(child.stdout).on('line', (line) => {
      if (line.includes('people are enrolled')) readyMs = performance.now() - begin;
      const touch = /(?:granted|denied) .* (\d+) ms/.exec(line);
      if (touch) times.push(Number(touch[1]));
    });
    let memory = 0;
    while (!done.signal.aborted) {
      if (child.pid !== undefined && times.length > 0) memory = Math.max(memory, memoryOf(child.pid));
      await pause(EVERY_MS, undefined, { signal: done.signal }).catch(() => undefined);
    }
    const warm = times.slice(WARM).sort((a, b) => a - b);
    return { readyMs, p50: percentile(warm, 0.5), p99: percentile(warm, 0.99), touches: warm.length, memory };
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}

/**
 * What a process and all its descendants keep in memory, in megabytes: all that is their own, and of each file the most
 * that one of them has of it. Proportional set sizes would be smaller by what other programs share.
 */
function memoryOf(root: number): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    // A process may end while it is looked at.
    const status = readOr(`/proc/${name}/stat`);
    const parent = /\) \S (\d+)/.exec(status)?.[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  let kilobytes = 0;
  const files = new Map<string, number>();
  for (const [pid] of parents) {
    let ancestor: number | undefined = pid;
    while (ancestor !== undefined && ancestor !== root) ancestor = parents.get(ancestor);
    if (ancestor !== root) continue;
    for (const mapping of readOr(`/proc/${pid}/smaps`).split(/\n(?=[0-9a-f]+-[0-9a-f]+ )/)) {
      const size = (what: string): number => Number(new RegExp(`^${what}:\\s+(\\d+)`, 'm').exec(mapping)?.[1] ?? 0);
      const file = /^\S+ \S+ (\S+ \S+ \d+)/.exec(mapping)?.[1];
      const own = size('Anonymous');
      kilobytes += own;
      if (file !== undefined) files.set(file, Math.max(files.get(file) ?? 0, size('Rss') - own));
    }
  }
  return ([...files.values()].reduce((sum, shared) => sum + shared, 0) + kilobytes) / 1024;
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
