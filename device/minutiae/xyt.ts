import { MinutiaeError } from './errors.ts';
import type { Minutia, MinutiaeTemplate } from './minutia.ts';

/** The most lines that are read; NBIS's own matcher stops at 200 minutiae, no print has more than some hundreds. */
const MOST_LINES = 2000;
/** Pixels; far beyond any print at 500 dpi. */
const LARGEST_COORDINATE = 16_383;

/**
 * Reads the minutiae that NIST's mindtct writes (`*.xyt`): a line `x y theta quality` a minutia, 500 dpi.
 *
 * There y points up from the bottom of an image whose height the file does not tell, and theta (degrees,
 * counter-clockwise) points out and away from a ridge ending: half a turn from ISO's direction. Here y is
 * turned downwards from the highest minutia, so all lie where they were but for a shift, and width and height are
 * those of the area that they span.
 *
 * @throws MinutiaeError `minutiae.not-a-record` for other text
 */
export function readXyt(text: string): MinutiaeTemplate {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (lines.length > MOST_LINES)
    throw new MinutiaeError('minutiae.not-a-record', `${lines.length} lines: no print has as many minutiae`);
  const points = lines.map(readLine);
  const top = Math.max(0, ...points.map(({ y }) => y));
  return {
    width: Math.max(0, ...points.map(({ x }) => x)) + 1,
    height: top + 1,
    minutiae: points.map(({ x, y, theta, quality }): Minutia => ({
      x,
      y: top - y,
      direction: (((theta + 180) % 360) * Math.PI) / 180,
      type: 'other',
      quality,
    })),
  };
}

function readLine(line: string, index: number): { x: number; y: number; theta: number; quality: number } {
  const fields = line.trim().split(/\s+/);
  const [x, y, theta, quality] = fields.map((field) => (/^\d{1,5}$/.test(field) ? Number(field) : NaN));
  if (
    fields.length !== 4 ||
    !within(x, LARGEST_COORDINATE) ||
    !within(y, LARGEST_COORDINATE) ||
    !within(theta, 360) ||
    !within(quality, 100)
  )
    throw new MinutiaeError(
      'minutiae.not-a-record',
      `line ${index + 1} is not "x y theta quality" in whole pixels, degrees and percent: ${JSON.stringify(line.slice(0, 40))}`,
    );
  return { x, y, theta, quality };
}

function within(value: number | undefined, most: number): value is number {
  return value !== undefined && value <= most;
}
