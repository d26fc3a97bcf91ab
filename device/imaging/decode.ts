import { readBmp } from './bmp.ts';
import { checkFileBytes, checkSize, checkStatedDpi, isPlausibleDpi } from './bounds.ts';
import type { DecodedPicture } from './decoded-picture.ts';
import { ImagingError } from './errors.ts';
import { WORKING_DPI, type GrayImage } from './gray-image.ts';
import { formatOf } from './image-format.ts';
import { readPgm } from './pgm.ts';
import { inverted, polarityOf, type Polarity } from './polarity.ts';
import { toWorkingResolution } from './resample.ts';

/** What is known of an image beside its bytes. */
export interface DecodeHints {
  /** Pixels per inch; wins over what the file states, which is believed where plausible; else 500. */
  readonly dpi?: number;
  /** Found out from the picture where not given. */
  readonly polarity?: Polarity;
  /** The bytes are no file but width × height 8-bit pixels. */
  readonly raw?: { readonly width: number; readonly height: number };
}

/**
 * Any image file of one finger as everything behind needs it: 8-bit gray, 500 dpi, dark ridges on a light ground.
 * PNG, JPEG, TIFF, BMP and PGM of up to 16 bits, colour and transparency (over white) included.
 *
 * @throws ImagingError `imaging.unsupported-format`, `imaging.undecodable`, `imaging.bad-size` (under 32 or over
 *   2,000 pixels a side), `imaging.bad-resolution` (a hint outside 100 to 2,000 dpi)
 */
export async function decodeImage(bytes: Uint8Array, hints: DecodeHints = {}): Promise<GrayImage> {
  if (hints.dpi !== undefined) checkStatedDpi(hints.dpi);
  checkFileBytes(bytes.length);
  const picture = hints.raw ? readRaw(bytes, hints.raw.width, hints.raw.height) : await readFile(bytes);
  const dpi = hints.dpi ?? (isPlausibleDpi(picture.dpi) ? picture.dpi : WORKING_DPI);
  const { width, height, pixels } = picture;
  const image = toWorkingResolution({ width, height, dpi, pixels });
  return (hints.polarity ?? polarityOf(image)) === 'dark-ridges' ? image : inverted(image);
}

function readRaw(bytes: Uint8Array, width: number, height: number): DecodedPicture {
  checkSize(width, height);
  if (bytes.length !== width * height)
    throw new ImagingError(
      'imaging.bad-size',
      `a raw image of ${width} × ${height} pixels has ${width * height} bytes, ${bytes.length} are there`,
    );
  return { width, height, pixels: bytes };
}

async function readFile(bytes: Uint8Array): Promise<DecodedPicture> {
  const format = formatOf(bytes);
  if (format === 'bmp') return readBmp(bytes);
  if (format === 'pgm') return readPgm(bytes);
  try {
    return await readBySharp(bytes);
  } catch (error) {
    if (error instanceof ImagingError) throw error;
    throw new ImagingError(
      'imaging.undecodable',
      `the ${format.toUpperCase()} image cannot be decoded (${error instanceof Error ? error.message : String(error)}): ` +
        'save or copy it again',
      { cause: error },
    );
  }
}

async function readBySharp(bytes: Uint8Array): Promise<DecodedPicture> {
  // Loaded by those only who read such files: a terminal with a sensor does not.
  const { default: sharp } = await import('sharp');
  // The header's size is checked here, before sharp decodes, and tells people more than sharp's own limit would.
  const file = sharp(bytes, { limitInputPixels: false, failOn: 'error' });
  const { width, height, density } = await file.metadata();
  checkSize(width, height);
  const { data } = await file
    .flatten({ background: '#fff' })
    .toColourspace('b-w')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { width, height, pixels, ...(density !== undefined && { dpi: density }) };
}
