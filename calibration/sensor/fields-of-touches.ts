import type { GrayImage } from '../../device/imaging/gray-image.ts';
import { fitSurface, type Sample } from './surface.ts';

/** Side of the squares whose lightest and darkest grays are taken, pixels: two ridges. */
const SQUARE = 20;
/** Shares of a square's pixels that are lighter than a ridge and darker than a valley. */
const RIDGE_SHARE = 0.1;
const VALLEY_SHARE = 0.9;
/** Grays between them in a square that shows ridges. */
const LEAST_CONTRAST = 25;
/** Squares with ridges that it takes. */
const ENOUGH_SQUARES = 40;

export interface Fields {
  readonly empty: Float32Array;
  readonly full: Float32Array;
}

/**
 * What a sensor shows of valleys and of ridges over its plate, where it gives no picture without a finger: smooth surfaces
 * through what many touches show.
 *
 * @returns undefined where the touches cover too little
 */
export function fieldsOfTouches(touches: readonly GrayImage[]): Fields | undefined {
  const valleys: Sample[] = [];
  const ridges: Sample[] = [];
  for (const { width, height, pixels } of touches)
    for (let top = 0; top + SQUARE <= height; top += SQUARE)
      for (let left = 0; left + SQUARE <= width; left += SQUARE) {
        const grays: number[] = [];
        for (let y = top; y < top + SQUARE; y++)
          for (let x = left; x < left + SQUARE; x++) grays.push(pixels[y * width + x]);
        grays.sort((a, b) => a - b);
        const ridge = grays[Math.floor(RIDGE_SHARE * grays.length)];
        const valley = grays[Math.floor(VALLEY_SHARE * grays.length)];
        if (valley - ridge < LEAST_CONTRAST) continue;
        const place = { x: left + SQUARE / 2, y: top + SQUARE / 2 };
        ridges.push({ ...place, value: ridge });
        valleys.push({ ...place, value: valley });
      }
  if (valleys.length < ENOUGH_SQUARES) return undefined;
  const { width, height } = touches[0];
  return { empty: fitSurface(valleys, width, height), full: fitSurface(ridges, width, height) };
}
