import { createGrid, smooth, type CellGrid } from './cell-grid.ts';
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
  const { columns, rows, cell } = grid;
  const limit = IMAGING.clip * IMAGING.unit;
  const gain = new Float32Array(deviation.length);
  for (let i = 0; i < gain.length; i++) gain[i] = IMAGING.unit / Math.hypot(deviation[i], IMAGING.noiseFloor);
  // Bilinear interpolation: first down the columns for this row of pixels, then along it.
  const rowMean = new Float32Array(columns);
  const rowGain = new Float32Array(columns);
  const cellOf = new Int32Array(width);
  const part = new Float32Array(width);
  for (let x = 0; x < width; x++) {
    const u = Math.min(columns - 1, Math.max(0, (x + 0.5) / cell - 0.5));
    cellOf[x] = Math.min(columns - 2, Math.floor(u));
    part[x] = u - cellOf[x];
  }
  for (let y = 0; y < height; y++) {
    const v = Math.min(rows - 1, Math.max(0, (y + 0.5) / cell - 0.5));
    const row = Math.min(rows - 2, Math.floor(v));
    const fy = v - row;
    for (let c = 0; c < columns; c++) {
      const at = row * columns + c;
      rowMean[c] = mean[at] + fy * (mean[at + columns] - mean[at]);
      rowGain[c] = gain[at] + fy * (gain[at + columns] - gain[at]);
    }
    const target = plane.origin + y * plane.stride;
    for (let x = 0; x < width; x++) {
      const c = cellOf[x];
      const fx = part[x];
      const m = rowMean[c] + fx * (rowMean[c + 1] - rowMean[c]);
      const g = rowGain[c] + fx * (rowGain[c + 1] - rowGain[c]);
      const value = (m - pixels[y * width + x]) * g;
      plane.samples[target + x] = value > limit ? limit : value < -limit ? -limit : value;
    }
  }
}
