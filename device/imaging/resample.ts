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
  const rowsDone = resampleRows(Float32Array.from(image.pixels), image.width, image.height, width, scale);
  const columns = resampleRows(transpose(rowsDone, width, image.height), image.height, width, height, scale);
  return { width, height, dpi: WORKING_DPI, pixels: Uint8Array.from(transpose(columns, height, width), toByte) };
}

function toByte(value: number): number {
  return Math.min(255, Math.max(0, Math.round(value)));
}

/** Every row of `rows` from `from` to `to` pixels. */
function resampleRows(source: Float32Array, from: number, rows: number, to: number, scale: number): Float32Array {
  const target = new Float32Array(to * rows);
  const widening = Math.max(1, 1 / scale);
  for (let x = 0; x < to; x++) {
    const centre = (x + 0.5) / scale - 0.5;
    const first = Math.ceil(centre - KERNEL_RADIUS * widening);
    const last = Math.floor(centre + KERNEL_RADIUS * widening);
    const weights = Array.from({ length: last - first + 1 }, (_, tap) => cubic((first + tap - centre) / widening));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      weights.forEach((weight, tap) => {
        const at = Math.min(from - 1, Math.max(0, first + tap));
        sum += weight * (source[row * from + at] ?? 0);
      });
      target[row * to + x] = sum / total;
    }
  }
  return target;
}

function cubic(distance: number): number {
  const d = Math.abs(distance);
  if (d < 1) return 1 + d * d * (1.5 * d - 2.5);
  return d < KERNEL_RADIUS ? 2 + d * (-4 + d * (2.5 - 0.5 * d)) : 0;
}

function transpose(values: Float32Array, width: number, height: number): Float32Array {
  const turned = new Float32Array(values.length);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) turned[x * height + y] = values[y * width + x] ?? 0;
  return turned;
}
