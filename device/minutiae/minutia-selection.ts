import { sampleGrid, type CellGrid } from '../imaging/cell-grid.ts';
import type { Minutia } from './minutia.ts';
import { EXTRACTION } from './parameters.ts';

const { maskMargin, lookAhead, pictureMargin, cloudRadius, cloudSize, dipole, count, leastCount, leastQuality } =
  EXTRACTION.minutiae;

/** Without those that only the print's or the picture's edge made. `edgeDistance` in px, on the grid. */
export function removeBorderMinutiae(
  minutiae: readonly Minutia[],
  width: number,
  height: number,
  grid: CellGrid,
  edgeDistance: Float32Array,
): Minutia[] {
  return minutiae.filter(({ x, y, direction }) => {
    if (Math.min(x, y, width - 1 - x, height - 1 - y) < pictureMargin) return false;
    if (sampleGrid(grid, edgeDistance, x, y) < maskMargin) return false;
    // A line that ends where it would leave the print ends because of it.
    const aheadX = x - lookAhead * Math.cos(direction);
    const aheadY = y + lookAhead * Math.sin(direction);
    return sampleGrid(grid, edgeDistance, aheadX, aheadY) > 0;
  });
}

/** Without crowds (noise) and without pairs of opposite direction side by side (two faults that undo each other). */
export function removeNoiseMinutiae(minutiae: readonly Minutia[]): Minutia[] {
  const doomed = new Set<Minutia>();
  for (const a of minutiae) {
    let neighbours = 0;
    for (const b of minutiae) {
      if (a === b) continue;
      const distance = Math.hypot(a.x - b.x, a.y - b.y);
      if (distance < cloudRadius) neighbours++;
      if (distance < dipole && Math.cos(a.direction - b.direction) < -0.5) doomed.add(a);
    }
    if (neighbours > cloudSize) doomed.add(a);
  }
  return minutiae.filter((minutia) => !doomed.has(minutia));
}

/** The best by quality, best first; of those unlikely to be found again only as many as a match needs at least. */
export function selectBest(minutiae: readonly Minutia[]): Minutia[] {
  const ranked = minutiae.toSorted((a, b) => b.quality - a.quality || a.y - b.y || a.x - b.x);
  const likely = ranked.filter(({ quality }) => quality >= leastQuality).length;
  return ranked.slice(0, Math.min(count, Math.max(leastCount, likely)));
}
