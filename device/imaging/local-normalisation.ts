import { createGrid, GridRows, type CellGrid } from './cell-grid.ts';
import { smooth } from './smoothing.ts';
import type { GrayImage } from './gray-image.ts';
import { IMAGING } from './parameters.ts';
import type { Plane } from './plane.ts';

export interface LocalContrast {
  readonly grid: CellGrid;
  /** Local mean, grey levels. */
  readonly mean: Float32Array;
  /** Local standard deviation, grey levels. */
  readonly deviation: Float32Array;
}

/** Local mean and standard deviation over about one ridge period around each cell. */
export function measureContrast(image: GrayImage): LocalContrast {
  const { width, height, pixels } = image;
  const grid = createGrid(width, height, IMAGING.cell);
  const sums = new Float32Array(grid.columns * grid.rows);
  const squares = new Float32Array(sums.length);
  for (let row = 0; row < grid.rows; row++) {
    const bottom = Math.min(height, (row + 1) * grid.cell);
    for (let column = 0; column < grid.columns; column++) {
      const left = column * grid.cell;
      const right = Math.min(width, left + grid.cell);
      let sum = 0;
      let square = 0;
      for (let y = row * grid.cell; y < bottom; y++) {
        for (let x = left; x < right; x++) {
          const value = pixels[y * width + x];
          sum += value;
          square += value * value;
        }
      }
      const area = (right - left) * (bottom - row * grid.cell);
      sums[row * grid.columns + column] = sum / area;
      squares[row * grid.columns + column] = square / area;
    }
  }
  const sigma = IMAGING.contrastReach / grid.cell;
  const mean = smooth(grid, sums, sigma);
  const deviation = smooth(grid, squares, sigma);
  for (let i = 0; i < mean.length; i++) deviation[i] = Math.sqrt(Math.max(0, deviation[i] - mean[i] * mean[i]));
  return { grid, mean, deviation };
}

/**
 * Brings every place to mean 0 and one contrast: ridges positive, in units of `IMAGING.unit` a standard deviation.
 * @param plane where to, of the picture's size
 */
export function normaliseLocally(image: GrayImage, contrast: LocalContrast, plane: Plane): void {
  const { width, height, pixels } = image;
  const { grid, mean, deviation } = contrast;
  const limit = IMAGING.clip * IMAGING.unit;
  const gain = deviation.map((value) => IMAGING.unit / Math.hypot(value, IMAGING.noiseFloor));
  const places = new GridRows(grid, 0, 1, width);
  const means = new Float32Array(width);
  const gains = new Float32Array(width);
  for (let y = 0; y < height; y++) {
    places.read(mean, y, means);
    places.read(gain, y, gains);
    const target = plane.origin + y * plane.stride;
    for (let x = 0; x < width; x++) {
      const value = (means[x] - pixels[y * width + x]) * gains[x];
      plane.samples[target + x] = value > limit ? limit : value < -limit ? -limit : value;
    }
  }
}
