import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import { Evaluation, type SetMeasurement } from '../../calibration/evaluation.ts';
import { comparisonMethod } from '../../calibration/matchers.ts';
import { readPrintSet } from '../../calibration/print-set.ts';
import type { Output } from './output.ts';

/** What commands that measure folders of prints have in common. */
export interface MeasureOptions {
  readonly dpi: number;
  readonly jobs: number;
}

/** Adds the folders and options of a command that measures them. */
export function withSets(command: Command): Command {
  return command
    .argument('<folder...>', 'prints named <finger>_<impression>.<ext>: images, or ISO, ANSI or xyt minutiae')
    .option('--dpi <number>', 'resolution of the images; folder@512 sets it for one folder', wholeNumber, 500)
    .option('--jobs <number>', 'number of threads', wholeNumber, availableParallelism());
}

/** Measures folders one after another, with progress and a line about every print that could not be acquired. */
export async function measureSets(
  folders: readonly string[],
  matchers: readonly string[],
  { dpi, jobs }: MeasureOptions,
  output: Output,
): Promise<SetMeasurement[]> {
  matchers.forEach(comparisonMethod);
  const sets = folders.map((folder) => readPrintSet(folder, dpi));
  let stage = '';
  let startedAt = 0;
  const evaluation = new Evaluation({
    matchers,
    jobs,
    onProgress(label, done, total) {
      if (label !== stage) {
        stage = label;
        startedAt = Date.now();
      }
      output.progress(label, done, total, startedAt);
    },
  });
  try {
    const measurements: SetMeasurement[] = [];
    for (const set of sets) {
      if (set.ignored.length > 0)
        output.note(`${set.name}: not named <finger>_<impression>.<ext>, ignored: ${set.ignored.join(', ')}`);
      const measurement = await evaluation.measure(set);
      for (const { file, reason } of measurement.failures)
        output.note(`${set.name}/${file} could not be acquired: ${reason}`);
      measurements.push(measurement);
    }
    return measurements;
  } finally {
    await evaluation.close();
  }
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('a whole number from 1 is needed');
  return number;
}
