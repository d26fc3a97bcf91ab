import { checkSize } from './bounds.ts';
import { WORKING_DPI, type GrayImage } from './gray-image.ts';

/** Half width of the cubic kernel, in pixels of the coarser of the two grids. */
const KERNEL_RADIUS = 2;

/**
 * The image at 500 dpi; the same object where it is so already.
 *
 * One separable cubic kernel (Catmull and Rom, 1974) serves both ways: between pixels when enlarging, widened to
 * the larger pixels when reducing, where it averages like an area does but keeps ridges sharper.
 *
 * @throws ImagingError `imaging.bad-size` where the result would not be a finger's size
 */
export function toWorkingResolution(image: GrayImage): GrayImage {
  if (image.dpi === WORKING_DPI) return image;
  const scale = WORKING_DPI / image.dpi;
  const width = Math.round(image.width * scale);
  const height = Math.round(image.height * scale);
  checkSize(width, height);
  const across = tapsOf(image.width, width, scale);
  const down = tapsOf(image.height, height, scale);
  const rows = resampleRows(image.pixels, image.width, image.height, across);
  return { width, height, dpi: WORKING_DPI, pixels: resampleColumns(rows, width, down) };
}

/** For each pixel of the new grid, which pixels of the old one it is made of: `count` of each, one after another. */
interface Taps {
  readonly count: number;
  readonly places: Int32Array;
  /** They add up to 1 for each new pixel. */
  readonly weights: Float32Array;
}

function tapsOf(from: number, to: number, scale: number): Taps {
  const widening = Math.max(1, 1 / scale);
  const count = Math.ceil(2 * KERNEL_RADIUS * widening) + 1;
  const places = new Int32Array(to * count);
  const weights = new Float32Array(to * count);
  for (let place = 0; place < to; place++) {
    const centre = (place + 0.5) / scale - 0.5;
    const first = Math.ceil(centre - KERNEL_RADIUS * widening);
    const own = Float64Array.from({ length: count }, (_, tap) => cubic((first + tap - centre) / widening));
    const total = own.reduce((sum, weight) => sum + weight, 0);
    own.forEach((weight, tap) => {
      places[place * count + tap] = Math.min(from - 1, Math.max(0, first + tap));
      weights[place * count + tap] = weight / total;
    });
  }
  return { count, places, weights };
}

function resampleRows(pixels: Uint8Array, width: number, height: number, taps: Taps): Float32Array {
  const { count, places, weights } = taps;
  const newWidth = places.length / count;
  const rows = new Float32Array(newWidth * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < newWidth; x++) {
      let sum = 0;
      for (let tap = x * count; tap < (x + 1) * count; tap++) sum += weights[tap] * pixels[y * width + places[tap]];
      rows[y * newWidth + x] = sum;
    }
  return rows;
}

function resampleColumns(rows: Float32Array, width: number, taps: Taps): Uint8Array {
  const { count, places, weights } = taps;
  const newHeight = places.length / count;
  // Clamped arrays round and keep to 0 … 255 by themselves.
  const pixels = new Uint8ClampedArray(width * newHeight);
  const row = new Float32Array(width);
  for (let y = 0; y < newHeight; y++) {
    row.fill(0);
    for (let tap = y * count; tap < (y + 1) * count; tap++) {
      const weight = weights[tap];
      const start = places[tap] * width;
      for (let x = 0; x < width; x++) row[x] += weight * rows[start + x];
    }
    pixels.set(row, y * width);
  }
  return new Uint8Array(pixels.buffer);
}

function cubic(distance: number): number {
  const d = Math.abs(distance);
  if (d < 1) return 1 + d * d * (1.5 * d - 2.5);
  return d < KERNEL_RADIUS ? 2 + d * (-4 + d * (2.5 - 0.5 * d)) : 0;
}
