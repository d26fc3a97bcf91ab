import { ImagingError } from './errors.ts';

/** Pixels a side: less shows no ridge flow (32 px are four ridges at 500 dpi), more is no single finger. */
const SIDE = { least: 32, most: 2000 };
/** Bytes of a file; the largest image in bounds takes 2000 × 2000 × 4 channels × 2 bytes uncompressed. */
const MOST_FILE_BYTES = 32 * 1024 * 1024;
/** Pixels per inch that somebody may state on purpose. */
const STATED_DPI = { least: 100, most: 2000 };
/** Pixels per inch that are believed of a file's own header: editors leave 72, 96 and 150 there unasked. */
const PLAUSIBLE_DPI = { least: 250, most: 1300 };

/** Refuses absurd sizes; meant to be asked with a header's numbers, before anything is allocated or decoded. */
export function checkSize(width: number, height: number): void {
  const fits = (side: number) => Number.isInteger(side) && side >= SIDE.least && side <= SIDE.most;
  if (!fits(width) || !fits(height))
    throw new ImagingError(
      'imaging.bad-size',
      `the image is ${width} × ${height} pixels; a single finger has ${SIDE.least} to ${SIDE.most} a side: ` +
        'crop it to one finger, or state its resolution if it is scaled',
    );
}

export function checkFileBytes(bytes: number): void {
  if (bytes > MOST_FILE_BYTES)
    throw new ImagingError(
      'imaging.bad-size',
      `the file has ${bytes} bytes; an image of one finger stays under ${MOST_FILE_BYTES}`,
    );
}

export function checkStatedDpi(dpi: number): void {
  if (!(dpi >= STATED_DPI.least && dpi <= STATED_DPI.most))
    throw new ImagingError(
      'imaging.bad-resolution',
      `${dpi} dpi was stated; fingerprint images have ${STATED_DPI.least} to ${STATED_DPI.most} (500 is usual)`,
    );
}

export function isPlausibleDpi(dpi: number | undefined): dpi is number {
  return dpi !== undefined && dpi >= PLAUSIBLE_DPI.least && dpi <= PLAUSIBLE_DPI.most;
}
