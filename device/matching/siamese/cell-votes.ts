import type { Grid } from './grid.ts';
import type { GridComparison } from './head.ts';
import { DESCRIPTOR, GRID_CELLS, GRID_SIDE, ORDERS } from './layout.ts';

/** What two cells that lie on each other say of the prints, −1 (they differ, and both are sure) to 1 (they are alike). */
export interface CellVote {
  /** Places in the two grids, row by row. */
  readonly probe: number;
  readonly reference: number;
  readonly vote: number;
}

/**
 * Tells which cells a score of the siamese head rests on: turns and moves the probe's grid as the head did, and compares
 * each of its cells with the nearest one below it.
 */
export function votesOf(probe: Grid, reference: Grid, { rotation, shift }: GridComparison): CellVote[] {
  const votes: CellVote[] = [];
  const middle = (GRID_SIDE - 1) / 2;
  const [c, s] = [Math.cos(rotation), Math.sin(rotation)];
  for (let cell = 0; cell < GRID_CELLS; cell++) {
    const [u, v] = [(cell % GRID_SIDE) - middle, Math.floor(cell / GRID_SIDE) - middle];
    const column = Math.round(u * c + v * s + middle + shift[0]);
    const row = Math.round(v * c - u * s + middle + shift[1]);
    if (column < 0 || row < 0 || column >= GRID_SIDE || row >= GRID_SIDE) continue;
    const below = row * GRID_SIDE + column;
    const weight = probe.weights[cell] * reference.weights[below];
    if (weight === 0) continue;
    const turned = steered(probe.descriptors.subarray(cell * DESCRIPTOR, (cell + 1) * DESCRIPTOR), rotation);
    let alike = 0;
    for (let k = 0; k < DESCRIPTOR; k++) alike += turned[k] * reference.descriptors[below * DESCRIPTOR + k];
    votes.push({ probe: cell, reference: below, vote: weight * alike });
  }
  return votes;
}

/** A descriptor as it would be were the print turned by the angle, counter-clockwise as a person sees it. */
function steered(descriptor: Float32Array, angle: number): Float32Array {
  const turned = descriptor.slice();
  let start = 0;
  for (const [order, count] of ORDERS) {
    if (order > 0) {
      const [c, s] = [Math.cos(order * angle), Math.sin(order * angle)];
      for (let k = start; k < start + count; k++) {
        const [real, imaginary] = [descriptor[k], descriptor[k + count]];
        turned[k] = c * real - s * imaginary;
        turned[k + count] = s * real + c * imaginary;
      }
    }
    start += order > 0 ? 2 * count : count;
  }
  return turned;
}
