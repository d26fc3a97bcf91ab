import type { CellGrid } from '../imaging/cell-grid.ts';
import type { Minutia } from './minutia.ts';
import { EXTRACTION } from './parameters.ts';

const { maskMargin, pictureMargin, cloudRadius, cloudSize, dipole, count } = EXTRACTION.minutiae;

/** Without those that only the print's or the picture's edge made. */
export function removeBorderMinutiae(
  minutiae: readonly Minutia[],
  width: number,
  height: number,
  grid: CellGrid,
  mask: Uint8Array,
): Minutia[] {
  const inside = (x: number, y: number): boolean => {
    const column = Math.min(grid.columns - 1, Math.max(0, Math.floor(x / grid.cell)));
    const row = Math.min(grid.rows - 1, Math.max(0, Math.floor(y / grid.cell)));
    return mask[row * grid.columns + column] === 1;
  };
  return minutiae.filter(({ x, y, direction }) => {
    if (Math.min(x, y, width - 1 - x, height - 1 - y) < pictureMargin) return false;
    for (let i = 0; i < 16; i++) {
      const a = (i * Math.PI) / 8;
      if (!inside(x + maskMargin * Math.cos(a), y + maskMargin * Math.sin(a))) return false;
    }
    // A line that ends where it would leave the print ends because of it.
    const ahead = 1.5 * maskMargin;
    return inside(x - ahead * Math.cos(direction), y + ahead * Math.sin(direction));
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

/** The best by quality, best first. */
export function selectBest(minutiae: readonly Minutia[]): Minutia[] {
  return minutiae.toSorted((a, b) => b.quality - a.quality || a.y - b.y || a.x - b.x).slice(0, count);
}
