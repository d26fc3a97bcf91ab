import type { CellGrid } from './cell-grid.ts';
import { smooth } from './smoothing.ts';
import type { LocalContrast } from './local-normalisation.ts';
import { IMAGING } from './parameters.ts';
import type { RidgeTensor } from './ridge-tensor.ts';

/** 1 where a cell shows ridges, 0 on the ground. */
export type Mask = Uint8Array;

/** Coherence (0–1) of the structure tensor around each cell: 1 where all gradients point along one line. */
export function measureCoherence(tensor: RidgeTensor, sigma: number): Float32Array {
  const { grid } = tensor;
  const difference = smooth(grid, tensor.difference, sigma);
  const product = smooth(grid, tensor.product, sigma);
  const energy = smooth(grid, tensor.energy, sigma);
  for (let i = 0; i < energy.length; i++) {
    energy[i] = energy[i] > 0 ? Math.hypot(difference[i], product[i]) / energy[i] : 0;
  }
  return energy;
}

/** The cells that show ridges: contrast enough, and in lines. One area without holes, ragged edges smoothed away. */
export function segment(contrast: LocalContrast, coherence: Float32Array): Mask {
  const { grid, deviation } = contrast;
  const sorted = Float32Array.from(deviation).sort();
  const best = sorted[Math.floor(IMAGING.contrastPercentile * (sorted.length - 1))];
  const least = Math.max(IMAGING.minimumContrast, IMAGING.relativeContrast * best);
  const votes = new Float32Array(deviation.length);
  for (let i = 0; i < votes.length; i++) {
    votes[i] = deviation[i] >= least && coherence[i] >= IMAGING.minimumCoherence ? 1 : 0;
  }
  return cleanMask(grid, votes, IMAGING.maskReach);
}

/** One area without holes from votes (0 or 1), ragged edges smoothed over `reach` (sigma, px). */
export function cleanMask(grid: CellGrid, votes: Float32Array, reach: number): Mask {
  const smoothed = smooth(grid, votes, reach / grid.cell);
  const mask = Uint8Array.from(smoothed, (share) => (share > 0.5 ? 1 : 0));
  fillHoles(grid, mask);
  keepLargestArea(grid, mask);
  return mask;
}

function fillHoles(grid: CellGrid, mask: Mask): void {
  const areas = labelAreas(grid, mask, 0);
  const touchesBorder = new Uint8Array(areas.sizes.length);
  for (let row = 0; row < grid.rows; row++) {
    for (let column = 0; column < grid.columns; column++) {
      if (row > 0 && row < grid.rows - 1 && column > 0 && column < grid.columns - 1) continue;
      const label = areas.labels[row * grid.columns + column];
      if (label >= 0) touchesBorder[label] = 1;
    }
  }
  for (let i = 0; i < mask.length; i++) {
    const label = areas.labels[i];
    if (label >= 0 && touchesBorder[label] === 0) mask[i] = 1;
  }
}

function keepLargestArea(grid: CellGrid, mask: Mask): void {
  const { labels, sizes } = labelAreas(grid, mask, 1);
  const largest = sizes.indexOf(Math.max(...sizes));
  for (let i = 0; i < mask.length; i++) if (mask[i] === 1 && labels[i] !== largest) mask[i] = 0;
}

/** Connected areas (by edges) of the cells with this value: a label for each cell, −1 elsewhere, and each area's size. */
function labelAreas(grid: CellGrid, mask: Mask, value: number): { labels: Int32Array; sizes: number[] } {
  const { columns, rows } = grid;
  const labels = new Int32Array(mask.length).fill(-1);
  const sizes: number[] = [];
  const stack: number[] = [];
  for (let start = 0; start < mask.length; start++) {
    if (mask[start] !== value || labels[start] >= 0) continue;
    const label = sizes.length;
    let size = 0;
    labels[start] = label;
    stack.push(start);
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      size++;
      const column = at % columns;
      const row = (at - column) / columns;
      for (const [next, there] of [
        [at - 1, column > 0],
        [at + 1, column < columns - 1],
        [at - columns, row > 0],
        [at + columns, row < rows - 1],
      ] as const) {
        if (!there || mask[next] !== value || labels[next] >= 0) continue;
        labels[next] = label;
        stack.push(next);
      }
    }
    sizes.push(size);
  }
  return { labels, sizes };
}
