import type { CellGrid } from '../imaging/cell-grid.ts';
import { cleanMask, type Mask } from '../imaging/segmentation.ts';
import { smooth } from '../imaging/smoothing.ts';
import { EXTRACTION } from './parameters.ts';

/**
 * The share (0–1) of a place's contrast that passes the filter for its own orientation and period: near 1 on clear ridges,
 * low on smudges, noise and ground.
 */
export function measureRidgeness(grid: CellGrid, before: Float32Array, after: Float32Array): Float32Array {
  const sigma = EXTRACTION.mask.ridgenessReach / grid.cell;
  const whole = smooth(grid, before, sigma);
  const passed = smooth(grid, after, sigma);
  for (let i = 0; i < passed.length; i++) {
    passed[i] = whole[i] > 0 ? Math.min(1, (EXTRACTION.mask.smoothingLoss * passed[i]) / whole[i]) : 0;
  }
  return passed;
}

/** The part of the mask where ridges can be followed. */
export function maskRidges(grid: CellGrid, mask: Mask, ridgeness: Float32Array): Mask {
  const { minimumRidgeness, smoothing } = EXTRACTION.mask;
  const votes = ridgeness.map((share, i) => (share >= minimumRidgeness ? mask[i] : 0));
  return cleanMask(grid, votes, smoothing);
}
