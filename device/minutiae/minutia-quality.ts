import { sampleGrid, type CellGrid } from '../imaging/cell-grid.ts';
import type { Minutia } from './minutia.ts';
import { EXTRACTION } from './parameters.ts';

const { clearRidgeness, edgeReach, crowdReach, crowdPenalty } = EXTRACTION.quality;

/**
 * Quality as the chance (percent) that another touch shows the same minutia: clear ridges around it speak for it; the
 * print's edge and a neighbour that looks the other way (two faults that would undo each other) against it.
 */
export function rateMinutiae(
  minutiae: readonly Minutia[],
  grid: CellGrid,
  ridgeness: Float32Array,
  edgeDistance: Float32Array,
): Minutia[] {
  return minutiae.map((minutia) => {
    const { x, y } = minutia;
    const clear = 1 - Math.exp(-sampleGrid(grid, ridgeness, x, y) / clearRidgeness);
    const inside = Math.min(1, 0.4 + (0.6 * sampleGrid(grid, edgeDistance, x, y)) / edgeReach);
    const contradicted = minutiae.some(
      (other) =>
        Math.hypot(other.x - x, other.y - y) < crowdReach && Math.cos(other.direction - minutia.direction) < -0.5,
    );
    return { ...minutia, quality: Math.round(100 * clear * inside * (contradicted ? crowdPenalty : 1)) };
  });
}

/** Distance (px) of each cell of the mask to the nearest outside it; the picture's own edge does not count. */
export function measureEdgeDistance(grid: CellGrid, mask: Uint8Array): Float32Array {
  const { cell, columns, rows } = grid;
  const distance = Float32Array.from(mask, (inside) => (inside === 1 ? columns + rows : 0));
  const relax = (at: number, column: number, row: number, step: -1 | 1): void => {
    let least = distance[at];
    const beside = column + step >= 0 && column + step < columns;
    if (beside) least = Math.min(least, distance[at + step] + 1);
    if (row + step >= 0 && row + step < rows) {
      const next = at + step * columns;
      least = Math.min(least, distance[next] + 1);
      if (column > 0) least = Math.min(least, distance[next - 1] + Math.SQRT2);
      if (column < columns - 1) least = Math.min(least, distance[next + 1] + Math.SQRT2);
    }
    distance[at] = least;
  };
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) relax(row * columns + column, column, row, -1);
  }
  for (let row = rows - 1; row >= 0; row--) {
    for (let column = columns - 1; column >= 0; column--) relax(row * columns + column, column, row, 1);
  }
  return distance.map((cells) => cells * cell);
}
