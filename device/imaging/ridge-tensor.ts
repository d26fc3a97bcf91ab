import { createGrid, type CellGrid } from './cell-grid.ts';
import { IMAGING } from './parameters.ts';
import type { Plane } from './plane.ts';

/**
 * The structure tensor's mean over each cell: which way intensity changes, and how much.
 * Doubled-angle form (Bigün and Granlund 1987), so that opposite gradients of a ridge's two flanks add up.
 */
export interface RidgeTensor {
  readonly grid: CellGrid;
  /** gx² − gy². */
  readonly difference: Float32Array;
  /** 2 gx gy. */
  readonly product: Float32Array;
  /** gx² + gy². */
  readonly energy: Float32Array;
  /** Mean square of the picture itself, smoothed against pixel noise, in units of `IMAGING.unit` squared. */
  readonly power: Float32Array;
}

export function measureTensor(plane: Plane): RidgeTensor {
  const { width, height, stride, origin } = plane;
  const grid = createGrid(width, height, IMAGING.cell);
  const count = grid.columns * grid.rows;
  const difference = new Float32Array(count);
  const product = new Float32Array(count);
  const energy = new Float32Array(count);
  const power = new Float32Array(count);
  const powerScale = 1 / (IMAGING.unit * grid.cell) ** 2;
  const smoothed = binomial(plane);
  const scale = 1 / (32 * IMAGING.unit);
  for (let y = 1; y < height - 1; y++) {
    const cellRow = Math.floor(y / grid.cell) * grid.columns;
    let at = origin + y * stride + 1;
    for (let x = 1; x < width - 1; x++, at++) {
      // Scharr's 3 × 3 derivative: its direction error stays under a degree at ridge periods.
      const nw = smoothed[at - stride - 1];
      const ne = smoothed[at - stride + 1];
      const sw = smoothed[at + stride - 1];
      const se = smoothed[at + stride + 1];
      const gx = scale * (3 * (ne - nw + se - sw) + 10 * (smoothed[at + 1] - smoothed[at - 1]));
      const gy = scale * (3 * (sw - nw + se - ne) + 10 * (smoothed[at + stride] - smoothed[at - stride]));
      const i = cellRow + (x >> 2);
      const xx = gx * gx;
      const yy = gy * gy;
      difference[i] += xx - yy;
      product[i] += 2 * gx * gy;
      energy[i] += xx + yy;
      const value = smoothed[at];
      power[i] += powerScale * value * value;
    }
  }
  return { grid, difference, product, energy, power };
}

/** Smoothing by (1 4 6 4 1)/16 in both directions: keeps pixel noise out of the derivatives. */
function binomial(plane: Plane): Int16Array {
  const { samples, stride, origin, height } = plane;
  const across = new Int16Array(samples.length);
  const result = new Int16Array(samples.length);
  const from = origin - 2 * stride - 4;
  const to = origin + (height + 2) * stride;
  for (let i = from; i < to; i++) {
    across[i] = (samples[i - 2] + samples[i + 2] + 4 * (samples[i - 1] + samples[i + 1]) + 6 * samples[i]) >> 4;
  }
  for (let i = from + 2 * stride; i < to - 2 * stride; i++) {
    result[i] =
      (across[i - 2 * stride] +
        across[i + 2 * stride] +
        4 * (across[i - stride] + across[i + stride]) +
        6 * across[i]) >>
      4;
  }
  return result;
}
