import { Option } from 'commander';
import colors from 'picocolors';
import { encodeTemplate } from '../gallery/template-codec.ts';
import { ansiRecordOf, writeAnsi378 } from '../minutiae/ansi378.ts';
import { isoRecordOf, writeIso19794 } from '../minutiae/iso19794.ts';
import type { MinutiaeTemplate } from '../minutiae/minutia.ts';
import { drawMinutiae, renderPng } from '../minutiae/overlay.ts';
import type { CommandContext } from './command.ts';
import { CliError } from './errors.ts';
import { readInput, writeOutput } from './files.ts';
import type { Output } from './output.ts';
import { hintsOf, readPrint, withImageOptions, type ImageOptions, type Print } from './print-file.ts';

interface Options extends ImageOptions {
  readonly format?: Format;
  readonly out?: string;
  readonly overlay?: string;
}

type Format = 'iso' | 'ansi' | 'whorl' | 'json';

/** The quality that a record gives where nobody has measured one. */
const UNMEASURED_QUALITY = 50;

export function register({ program, output }: CommandContext): void {
  const command = program
    .command('extract')
    .description('find the minutiae of a fingerprint image, or convert a minutiae record')
    .argument('<image>', 'PNG, JPEG, TIFF, BMP, PGM; also ISO, ANSI, xyt and Whorl records')
    .addOption(new Option('--format <name>', 'write the minutiae so').choices(['iso', 'ansi', 'whorl', 'json']))
    .option('--out <file>', 'where to write them (else standard output); JSON without a format')
    .option('--overlay <file>', 'draw the minutiae over the print, as .png or .svg');
  withImageOptions(command).action(async (path: string, options: Options) => {
    await extract(path, options.out === undefined ? options : { format: 'json', ...options }, output());
  });
}

async function extract(path: string, options: Options, output: Output): Promise<void> {
  const print = await readPrint(await readInput(path), hintsOf(options));
  if (options.overlay !== undefined) {
    const svg = await drawMinutiae(print.template, print.captured?.image);
    await writeOutput(options.overlay, options.overlay.endsWith('.svg') ? svg : await renderPng(svg));
  }
  const record = options.format && encoded(print, options.format);
  if (record !== undefined && options.out === undefined && !output.json) {
    if (typeof record !== 'string' && process.stdout.isTTY)
      throw new CliError('cli.binary-to-terminal', 'the record is binary: name a file by --out, or pipe it somewhere');
    process.stdout.write(record);
    return;
  }
  if (record !== undefined && options.out !== undefined) await writeOutput(options.out, record);
  summarise(path, print, options, output);
}

function encoded(print: Print, format: Format): Uint8Array | string {
  const { template } = print;
  const quality = print.captured?.assessment.quality ?? UNMEASURED_QUALITY;
  switch (format) {
    case 'iso':
      return writeIso19794(isoRecordOf([{ template, quality }]));
    case 'ansi':
      return writeAnsi378(ansiRecordOf([{ template, quality }]));
    case 'whorl':
      return encodeTemplate({ minutiae: template, quality });
    case 'json':
      return `${JSON.stringify(described(template), undefined, 2)}\n`;
  }
}

/** Directions in degrees here: this is for people and their programs. */
function described({ width, height, minutiae }: MinutiaeTemplate): object {
  return {
    width,
    height,
    minutiae: minutiae.map(({ x, y, direction, type, quality }) => ({
      ...{ x: hundredths(x), y: hundredths(y), direction: hundredths((direction * 180) / Math.PI) },
      ...{ type, quality: Math.round(quality) },
    })),
  };
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}

function summarise(path: string, print: Print, options: Options, output: Output): void {
  const { template, captured } = print;
  const assessment = captured && {
    quality: captured.assessment.quality,
    usable: captured.assessment.usable,
    ...(captured.assessment.advice && { advice: captured.assessment.advice }),
  };
  output.result({ file: path, ...assessment, ...described(template), ...pick(options) });
  const count = `${colors.bold(String(template.minutiae.length))} minutiae`;
  const quality = assessment ? `, quality ${colors.bold(String(assessment.quality))} of 100` : '';
  output.line(`${count} on ${template.width} × ${template.height} pixels at 500 dpi${quality}`);
  if (assessment?.usable === false)
    output.line(colors.yellow(`not usable at a door: ${assessment.advice ?? 'no ridges'}`));
  if (options.out !== undefined) output.line(`${options.format ?? 'json'} written to ${options.out}`);
  if (options.overlay !== undefined) output.line(`drawn in ${options.overlay}: it shows the print, keep it safe`);
}

function pick({ out, overlay }: Options): object {
  return { ...(out !== undefined && { out }), ...(overlay !== undefined && { overlay }) };
}
