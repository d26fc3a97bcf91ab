import { availableParallelism } from 'node:os';
import { InvalidArgumentError, Option } from 'commander';
import { drawContactSheet } from '../../models/synthesis/contact-sheet.ts';
import { FINGERS_PER_UNIT, type DatasetPlan } from '../../models/synthesis/dataset/plan.ts';
import { writeDataset } from '../../models/synthesis/dataset/write-dataset.ts';
import { writeStripes } from '../../models/synthesis/dataset/write-stripes.ts';
import { STRIPE_FINGERS, STRIPE_SCANS } from '../../models/synthesis/stripes.ts';
import { SENSOR_NAMES, type SensorName } from '../../models/synthesis/sensors.ts';
import { encodePng } from '../imaging/encode.ts';
import type { CommandContext } from './command.ts';
import { writeOutput } from './files.ts';
import type { Output } from './output.ts';

interface Options extends DatasetPlan {
  readonly out: string;
  readonly jobs: number;
  readonly stripes: boolean;
  readonly sheet: boolean;
}

export function register({ program, output }: CommandContext): void {
  program
    .command('synthesize')
    .description('write fingerprints that never belonged to anybody, with everything that is true of them')
    .requiredOption(
      '--out <path>',
      'directory to write into, where an interrupted dataset goes on; with --sheet a file',
    )
    .option('--fingers <number>', 'how many fingers', wholeNumber(1), 10)
    .option('--impressions <number>', 'how many touches of each finger', wholeNumber(1), 8)
    .addOption(new Option('--sensor <model>', 'the sensor that they touch').choices(SENSOR_NAMES).default('optical'))
    .option('--seed <number>', 'another seed, other fingers', wholeNumber(0), 1)
    .option('--siblings <number>', 'fingers of the same flow with other ridges beside each finger', wholeNumber(0), 0)
    .option('--severity <number>', 'from 0, perfect touches, over 1, a door, to 2, people in a hurry', severity, 1)
    .addOption(
      new Option('--format <format>', 'a PNG and a JSON for each print, or NumPy arrays of many')
        .choices(['png', 'shards'])
        .default('png'),
    )
    .option(
      '--alterations',
      'each print also obliterated, with its centre turned and Z-cut: easy, medium and hard',
      false,
    )
    .option('--stripes', 'nothing but the smallest set of all: two fingers of stripes, 15 equal scans each', false)
    .option(
      '--sheet',
      'nothing but one PNG to judge by eye: eight touches each of four fingers on three sensors',
      false,
    )
    .option('--jobs <number>', 'threads', wholeNumber(1), availableParallelism())
    .action(async (options: Options) => {
      if (options.sheet) await writeOutput(options.out, await encodePng(drawContactSheet(options.seed)));
      else if (options.stripes) await synthesizeStripes(options.out, output());
      else await synthesize(options, output());
    });
}

async function synthesizeStripes(out: string, output: Output): Promise<void> {
  await writeStripes(out);
  output.line(`${STRIPE_FINGERS.length} fingers × ${STRIPE_SCANS} scans in ${out}`);
  output.result({ directory: out, fingers: STRIPE_FINGERS, scans: STRIPE_SCANS });
}

async function synthesize(options: Options, output: Output): Promise<void> {
  const { out, jobs, seed, fingers, impressions, siblings, sensor, severity, format, alterations } = options;
  const plan: DatasetPlan = {
    seed,
    fingers,
    impressions,
    siblings,
    sensor: sensor satisfies SensorName,
    severity,
    format,
    alterations,
  };
  const interrupted = new AbortController();
  const interrupt = (): void => {
    interrupted.abort(new Error('interrupted; the same command goes on where it stopped'));
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const begin = Date.now();
  const perUnit = FINGERS_PER_UNIT[format] * impressions;
  let before: number | undefined;
  const manifest = await writeDataset(plan, out, {
    jobs,
    signal: interrupted.signal,
    onProgress: (units, total) => {
      before ??= units;
      const rate = ((units - before) * perUnit) / Math.max(0.001, (Date.now() - begin) / 1000);
      output.progress(`${rate.toFixed(0)} prints/s, units`, units - before, total - before, begin);
    },
  }).finally(() => process.off('SIGINT', interrupt).off('SIGTERM', interrupt));
  const seconds = (Date.now() - begin) / 1000;
  output.line(`${fingers} fingers × ${impressions} impressions on ${sensor} in ${out}, ${seconds.toFixed(1)} s`);
  output.line(`sha256 ${manifest.sha256 ?? ''}`);
  output.result({ ...manifest, directory: out, seconds });
}

function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > 0xffffffff)
      throw new InvalidArgumentError(`It must be a whole number, ${least} or more.`);
    return value;
  };
}

function severity(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 3)) throw new InvalidArgumentError('It must be a number from 0 to 3.');
  return value;
}
