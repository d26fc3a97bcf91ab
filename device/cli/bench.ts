import { InvalidArgumentError } from 'commander';
import { benchRecognition } from '../../calibration/bench-recognition.ts';
import { spread } from '../../calibration/figures.ts';
import { growFinger } from '../../models/synthesis/finger.ts';
import { drawImpression } from '../../models/synthesis/impression.ts';
import { sensorModel } from '../../models/synthesis/sensors.ts';
import { decodeImage } from '../imaging/decode.ts';
import type { GrayImage } from '../imaging/gray-image.ts';
import type { CommandContext } from './command.ts';
import { CliError } from './errors.ts';
import { readInput } from './files.ts';
import { table } from './table.ts';

const FINGERS = 6;
const TOUCHES = 4;

export function register({ program, output }: CommandContext): void {
  program
    .command('bench')
    .description('measure what this machine needs for recognition, on one core')
    .argument('[images...]', 'fingerprint images to work on (default: artificial prints of 300x300)')
    .option('--rounds <number>', 'how often everything is measured', rounds, 9)
    .action(async (paths: string[], options: { rounds: number }) => {
      const out = output();
      if (paths.length === 1) throw new CliError('cli.too-few-files', 'a comparison needs two images at least');
      const images =
        paths.length === 0
          ? artificialPrints()
          : await Promise.all(paths.map(async (path) => decodeImage(await readInput(path))));
      const figures = Object.entries(benchRecognition(images, options.rounds));
      out.result(Object.fromEntries(figures.map(([name, { unit, rounds: all }]) => [name, { unit, ...spread(all) }])));
      const shown = figures.map(([, { what, unit, rounds: all }]) => {
        const { min, median, max } = spread(all);
        const [low, middle, high] = [min, median, max].map((value) => Number(value.toFixed(unit === 'ms' ? 2 : 0)));
        return [what, low, middle, high, unit];
      });
      for (const line of table([`${images.length} prints`, 'min', 'median', 'max', 'unit'], shown)) out.line(line);
    });
}

function artificialPrints(): GrayImage[] {
  return Array.from({ length: FINGERS }, (_, f) => growFinger(f + 1)).flatMap((finger) =>
    Array.from({ length: TOUCHES }, (_, t) => drawImpression(finger, sensorModel('capacitive'), t + 1).image),
  );
}

function rounds(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError('It must be a number from 1 to 999.');
  return Number(text);
}
