import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { FaultRun, SequenceResult } from './grow-faults.ts';

/** Each open port may wait in a thread for its last byte to leave: a door has one port, this process many. */
const THREADS = 64;

/** What fault sequences came to, served in a process of their own. */
export interface FaultSummary {
  readonly results: readonly SequenceResult[];
  readonly touches: number;
  readonly pictures: number;
  /** Pictures of another touch, pictures that were not exact, and modules that were taken for another. */
  readonly foreign: number;
  readonly inexact: number;
  readonly swaps: number;
  readonly medianMs: number;
  readonly worstMs: number;
}

export async function runFaults({ sequences, modules, directory }: FaultRun): Promise<FaultSummary> {
  const program = join(import.meta.dirname, 'grow-faults-child.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', program, String(sequences), String(modules), directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, UV_THREADPOOL_SIZE: String(THREADS) },
  });
  const results: SequenceResult[] = [];
  createInterface(child.stdout).on('line', (line) => results.push(JSON.parse(line) as SequenceResult));
  await once(child, 'close');
  if (child.exitCode !== 0 || results.length !== sequences)
    throw new Error(`${results.length} of ${sequences} fault sequences came to an end`);
  const sum = (of: (result: SequenceResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0);
  const times = results.map(({ recoveryMs }) => recoveryMs).sort((a, b) => a - b);
  return {
    results,
    touches: sum(({ touches }) => touches),
    pictures: sum(({ pictures }) => pictures),
    foreign: sum(({ foreign }) => foreign),
    inexact: sum(({ inexact }) => inexact),
    swaps: sum(({ swaps }) => swaps),
    medianMs: times[times.length >> 1],
    worstMs: times[times.length - 1],
  };
}
