import { extname } from 'node:path';
import { encodeTemplate } from '../device/gallery/template-codec.ts';
import { decodeImage } from '../device/imaging/decode.ts';
import { MinutiaeExtractor } from '../device/minutiae/extract.ts';
import type { MinutiaeTemplate } from '../device/minutiae/minutia.ts';
import { readRecord } from '../device/minutiae/read-record.ts';
import { templateOf } from '../device/minutiae/record.ts';
import { readXyt } from '../device/minutiae/xyt.ts';

/** What became of a print: the template as the gallery would keep it, or why there is none. */
export type Acquisition =
  | {
      readonly kind: 'acquired';
      readonly template: Uint8Array;
      /** Milliseconds from the decoded image to the template; absent for records, which need no extraction. */
      readonly extractMs?: number;
    }
  | { readonly kind: 'failed'; readonly reason: string };

const RECORD_START = 'FMR\0';

/** Quality of a touch that came as a record: nobody has measured it. */
const UNMEASURED_QUALITY = 50;

/**
 * Makes a template of a file as a door would of a touch. Every reason why that fails, a damaged file as well as a print
 * that the device would ask for again, is a failure to acquire: a result of the evaluation, not an error.
 *
 * @param dpi resolution of images
 */
export async function acquire(
  bytes: Uint8Array,
  file: string,
  dpi: number,
  extractor: MinutiaeExtractor,
): Promise<Acquisition> {
  try {
    const record = readMinutiae(bytes, file);
    if (record !== undefined) return keepable(record, UNMEASURED_QUALITY);
    const image = await decodeImage(bytes, { dpi });
    const startedAt = performance.now();
    const { template, assessment } = extractor.extract(image);
    const extractMs = performance.now() - startedAt;
    if (!assessment.usable) return { kind: 'failed', reason: `not usable: ${assessment.advice ?? 'no ridges'}` };
    return keepable(template, assessment.quality, extractMs);
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** The minutiae of a record, by ISO or ANSI (their first bytes tell) or as mindtct's text (its name tells). */
function readMinutiae(bytes: Uint8Array, file: string): MinutiaeTemplate | undefined {
  if (Buffer.from(bytes.subarray(0, RECORD_START.length)).toString('latin1') === RECORD_START)
    return templateOf(readRecord(bytes));
  if (extname(file).toLowerCase() === '.xyt') return readXyt(Buffer.from(bytes).toString('latin1'));
  return undefined;
}

function keepable(minutiae: MinutiaeTemplate, quality: number, extractMs?: number): Acquisition {
  if (minutiae.minutiae.length === 0) return { kind: 'failed', reason: 'no minutiae' };
  const template = encodeTemplate({ minutiae, quality });
  return { kind: 'acquired', template, ...(extractMs === undefined ? {} : { extractMs }) };
}
