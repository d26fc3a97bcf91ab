import { InvalidArgumentError, type Command } from 'commander';
import { decodeTemplate } from '../gallery/template-codec.ts';
import type { Assessment } from '../imaging/assess.ts';
import { decodeImage, type DecodeHints } from '../imaging/decode.ts';
import type { GrayImage } from '../imaging/gray-image.ts';
import type { Polarity } from '../imaging/polarity.ts';
import { MinutiaeExtractor } from '../minutiae/extract.ts';
import type { MinutiaeTemplate } from '../minutiae/minutia.ts';
import { readRecord } from '../minutiae/read-record.ts';
import { templateOf } from '../minutiae/record.ts';
import { readXyt } from '../minutiae/xyt.ts';

/** What a file holds of one impression. */
export interface Print {
  readonly template: MinutiaeTemplate;
  /** Where the file is an image. */
  readonly captured?: { readonly image: GrayImage; readonly assessment: Assessment };
}

/** How the options of `withImageOptions` come from the command line. */
export interface ImageOptions {
  readonly dpi?: number;
  readonly polarity?: 'dark' | 'light';
  readonly raw?: { readonly width: number; readonly height: number };
}

/** Adds the options that say about an image what its file does not. */
export function withImageOptions(command: Command): Command {
  return command
    .option('--dpi <number>', 'resolution of the image where the file is wrong or silent (else 500)', wholeNumber)
    .option('--polarity <ridges>', '"dark" or "light" ridges (else found out)', polarity)
    .option('--raw <size>', 'the file is raw 8-bit gray of this size, as 256x288', size);
}

export function hintsOf({ dpi, polarity: ridges, raw }: ImageOptions): DecodeHints {
  const spelled: Polarity | undefined = ridges && `${ridges}-ridges`;
  return { ...(dpi && { dpi }), ...(spelled && { polarity: spelled }), ...(raw && { raw }) };
}

/**
 * The minutiae in any file that holds a print: an image, an ISO or ANSI record (its first view), NIST xyt, or a
 * Whorl template. The content decides, not the name.
 */
export async function readPrint(bytes: Uint8Array, hints: DecodeHints): Promise<Print> {
  if (hints.raw === undefined) {
    const beginning = String.fromCharCode(...bytes.subarray(0, 64));
    if (beginning.startsWith('FMR\0')) return { template: templateOf(readRecord(bytes)) };
    if (beginning.startsWith('WT')) return { template: decodeTemplate(bytes).minutiae };
    if (/^\s*\d+ +\d+ +\d+ +\d+\s/.test(beginning)) return { template: readXyt(Buffer.from(bytes).toString('latin1')) };
  }
  const image = await decodeImage(bytes, hints);
  const { template, assessment } = new MinutiaeExtractor().extract(image);
  return { template, captured: { image, assessment } };
}

function wholeNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function polarity(text: string): 'dark' | 'light' {
  if (text !== 'dark' && text !== 'light') throw new InvalidArgumentError('It must be "dark" or "light".');
  return text;
}

function size(text: string): { width: number; height: number } {
  const match = /^(\d{1,5})x(\d{1,5})$/.exec(text);
  if (match === null) throw new InvalidArgumentError('It must be <width>x<height> in pixels, as 256x288.');
  return { width: Number(match[1]), height: Number(match[2]) };
}
