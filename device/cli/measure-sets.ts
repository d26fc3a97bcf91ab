import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import { Evaluation, type SetMeasurement } from '../../calibration/evaluation.ts';
import { FUSED, partsFor } from '../../calibration/matchers.ts';
import { readPrintSet } from '../../calibration/print-set.ts';
import { systemClock } from '../clock.ts';
import { WhorlError } from '../errors.ts';
import { modelIdsOf, otherModels, readFusionFile } from '../fusion-file.ts';
import type { Inference } from '../inference/inference.ts';
import { openInference } from '../inference/open-inference.ts';
import { fits, Fusion } from '../matching/fusion/fusion.ts';
import type { ModelIds } from '../matching/fusion/parts.ts';
import { SHIPPED_MODELS } from '../models-directory.ts';
import { readScoreCalibration } from '../score-calibration.ts';
import type { Output } from './output.ts';

/** What commands that measure folders of prints have in common. */
export interface MeasureOptions {
  readonly dpi: number;
  readonly jobs: number;
}

/** The same of those that use the networks too. */
export interface NetworkOptions {
  readonly models: string;
  readonly cache?: string;
}

export interface Measured {
  readonly measurements: readonly SetMeasurement[];
  /** The models that the scores came from. */
  readonly models: ModelIds;
}

/** Adds the folders and options of a command that measures them. */
export function withSets(command: Command): Command {
  return command
    .argument('<folder...>', 'prints named <finger>_<impression>.<ext>: images, or ISO, ANSI or xyt minutiae')
    .option('--dpi <number>', 'resolution of the images; folder@512 sets it for one folder', wholeNumber, 500)
    .option('--jobs <number>', 'number of threads', wholeNumber, availableParallelism());
}

/** Adds what matchers other than minutiae need. */
export function withNetworks(command: Command): Command {
  return command
    .option('--models <directory>', 'of the models and their manifest', SHIPPED_MODELS)
    .option(
      '--cache <directory>',
      'keep what the networks say of prints there and take it up again; it can tell fingers apart, treat it as the prints',
    );
}

/**
 * Measures folders one after another, with progress and a line about every print that could not be acquired.
 *
 * @param fusion adds scores up for the matcher `fused`; without it that one has none
 * @throws CalibrationError, InferenceError where a model is needed and cannot be used
 */
export async function measureSets(
  folders: readonly string[],
  matchers: readonly string[],
  options: MeasureOptions & Partial<NetworkOptions>,
  output: Output,
): Promise<Measured> {
  const parts = partsFor(matchers);
  const sets = folders.map((folder) => readPrintSet(folder, options.dpi));
  const inference = parts.some((part) => part !== 'minutiae') ? await openModels(options.models) : undefined;
  const models = inference === undefined ? {} : modelIdsOf(inference);
  let stage = '';
  let startedAt = 0;
  const fusion = matchers.includes(FUSED) ? await fusionOf(models) : undefined;
  const evaluation = new Evaluation({
    matchers,
    jobs: options.jobs,
    onProgress(label, done, total) {
      if (label !== stage) {
        stage = label;
        startedAt = Date.now();
      }
      output.progress(label, done, total, startedAt);
    },
    ...(inference && { networks: { inference, cache: options.cache } }),
    ...(fusion && { fusion }),
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
    return { measurements, models };
  } finally {
    await evaluation.close();
    await inference?.close();
  }
}

/** An evaluation without one of its models would tell of another matcher: it needs them all. */
async function openModels(directory = SHIPPED_MODELS): Promise<Inference> {
  const inference = await openInference({ models: directory, clock: systemClock });
  const { trouble, models } = inference.status();
  const refused = Object.values(models).find((model) => model.state === 'refused');
  const why = trouble ?? (refused?.state === 'refused' ? refused : undefined);
  if (why === undefined) return inference;
  await inference.close();
  throw new WhorlError(why.code, why.message);
}

/** The shipped fusion. @throws FusionError `fusion.other-models` */
async function fusionOf(models: ModelIds): Promise<Fusion> {
  const file = await readFusionFile();
  if (fits(file, models)) return new Fusion(await readScoreCalibration(), file);
  throw otherModels();
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('a whole number from 1 is needed');
  return number;
}
