import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { alter, ALTERATION_LEVELS, ALTERATIONS } from '../../models/synthesis/alteration.ts';
import { derive } from '../../models/synthesis/random.ts';
import { decodeImage } from '../imaging/decode.ts';
import { encodePng } from '../imaging/encode.ts';
import { WORKING_DPI, type GrayImage } from '../imaging/gray-image.ts';
import { analysePrint } from '../imaging/print-analysis.ts';
import { toWorkingResolution } from '../imaging/resample.ts';
import type { CommandContext } from './command.ts';
import { CliError } from './errors.ts';
import { readInput, writeOutput } from './files.ts';

interface Options {
  readonly out: string;
  readonly dpi: number;
  readonly seed: number;
}

export function register({ program, output }: CommandContext): void {
  const command: Command = program
    .command('alter')
    .description('write prints as people would alter their fingertips: obliterated, centre turned, Z-cut')
    .argument('<image...>', 'prints, dark ridges on light')
    .requiredOption('--out <directory>', 'where <name>_<alteration>_<level>.png are written')
    .option('--dpi <number>', 'resolution of the prints', wholeNumber, WORKING_DPI)
    .option('--seed <number>', 'another seed, other alterations', wholeNumber, 1);
  command.action(async (paths: string[], { out, dpi, seed }: Options) => {
    await makeDirectory(out);
    const begin = Date.now();
    for (const [done, path] of paths.entries()) {
      output().progress('prints', done, paths.length, begin);
      // Altered as scanned: nothing but the mask is made at the resolution that recognition works at.
      const image = await decodeImage(await readInput(path), { dpi: WORKING_DPI, polarity: 'dark-ridges' });
      const mask = touchedBy({ ...image, dpi });
      const own = derive(seed, createHash('sha256').update(image.pixels).digest().readUInt32LE());
      const stem = basename(path, extname(path));
      for (const kind of ALTERATIONS)
        for (const level of ALTERATION_LEVELS) {
          const altered = alter({ ...image, dpi }, mask, kind, level, own);
          await writeOutput(join(out, `${stem}_${kind}_${level}.png`), await encodePng(altered.image));
        }
    }
    const each = ALTERATIONS.length * ALTERATION_LEVELS.length;
    output().line(`${paths.length} prints × ${each} alterations in ${out}`);
    output().result({ directory: out, prints: paths.length, alterations: ALTERATIONS, levels: ALTERATION_LEVELS });
  });
}

/** 1 for each of the picture's own pixels that shows ridges. */
function touchedBy(image: GrayImage): Uint8Array {
  const analysis = analysePrint(toWorkingResolution(image));
  const { cell, columns, rows } = analysis.contrast.grid;
  const scale = WORKING_DPI / image.dpi / cell;
  const { width, height } = image;
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const column = Math.min(columns - 1, Math.floor(((i % width) + 0.5) * scale));
    const row = Math.min(rows - 1, Math.floor((Math.floor(i / width) + 0.5) * scale));
    return analysis.mask[row * columns + column];
  });
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError('cli.unwritable-file', `${path} cannot be made: ${reason}`, { cause });
  }
}

function wholeNumber(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}
