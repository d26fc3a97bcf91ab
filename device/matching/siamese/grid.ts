import type { Cells } from './cells.ts';
import { DESCRIPTOR, GRID_CELLS, GRID_SIDE } from './layout.ts';

/** 12 × 12 cells of a print, row by row: what the siamese head compares. */
export interface Grid {
  /** 144 × 48. */
  readonly descriptors: Float32Array;
  /** 144, 0 to 1. */
  readonly weights: Float32Array;
}

/** Where a grid was cut out of a picture's cells. */
export interface GridWindow {
  /** First column and row of cells. */
  readonly column: number;
  readonly row: number;
}

/**
 * The window that sees most of the finger's middle: the greatest sum of confidence × exp(−(x² + y²) / 2), x and y as the
 * cells' places say. In a smaller picture it starts at the edge.
 */
export function gridWindowOf({ columns, rows, confidence, place }: Cells): GridWindow {
  const count = columns * rows;
  // Sums over everything to the left and above.
  const sums = new Float64Array((columns + 1) * (rows + 1));
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const cell = row * columns + column;
      const far = place[cell] ** 2 + place[count + cell] ** 2;
      const at = (row + 1) * (columns + 1) + column + 1;
      sums[at] = sums[at - 1] + sums[at - columns - 1] - sums[at - columns - 2] + confidence[cell] * Math.exp(-far / 2);
    }
  const within = (column: number, row: number): number => {
    const [right, below] = [Math.min(columns, column + GRID_SIDE), Math.min(rows, row + GRID_SIDE)];
    const at = (x: number, y: number): number => sums[y * (columns + 1) + x];
    return at(right, below) - at(column, below) - at(right, row) + at(column, row);
  };
  let best = { column: 0, row: 0 };
  let most = -Infinity;
  for (let row = 0; row <= Math.max(0, rows - GRID_SIDE); row++)
    for (let column = 0; column <= Math.max(0, columns - GRID_SIDE); column++) {
      const sum = within(column, row);
      if (sum > most) [best, most] = [{ column, row }, sum];
    }
  return best;
}

/** Cuts the window out; beyond the picture nothing is known. */
export function cutGrid({ columns, rows, descriptors, confidence }: Cells, { column, row }: GridWindow): Grid {
  const count = columns * rows;
  const grid = { descriptors: new Float32Array(GRID_CELLS * DESCRIPTOR), weights: new Float32Array(GRID_CELLS) };
  for (let j = 0; j < Math.min(GRID_SIDE, rows - row); j++)
    for (let i = 0; i < Math.min(GRID_SIDE, columns - column); i++) {
      const from = (row + j) * columns + column + i;
      const to = j * GRID_SIDE + i;
      grid.weights[to] = confidence[from];
      for (let k = 0; k < DESCRIPTOR; k++) grid.descriptors[to * DESCRIPTOR + k] = descriptors[k * count + from];
    }
  return grid;
}
