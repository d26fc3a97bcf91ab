import { Random } from './random.ts';

/**
 * Smooth random field: independent values in [-1, 1] on a lattice of `cell` pixels, blended between.
 * `add(out, width, height, cell, seed, strength)` adds it to `out` (row by row, `width * height`).
 */
export function addNoise(
  out: Float32Array,
  width: number,
  height: number,
  cell: number,
  seed: number,
  strength: number,
): void {
  const columns = Math.floor((width - 1) / cell) + 2;
  const rows = Math.floor((height - 1) / cell) + 2;
  const random = new Random(seed);
  const lattice = new Float32Array(columns * rows);
  for (let i = 0; i < lattice.length; i++) lattice[i] = strength * (2 * random.next() - 1);

  const column = new Int32Array(width);
  const blendX = new Float32Array(width);
  for (let x = 0; x < width; x++) {
    const c = Math.floor(x / cell);
    const t = x / cell - c;
    column[x] = c;
    blendX[x] = t * t * (3 - 2 * t);
  }
  const line = new Float32Array(columns);
  for (let y = 0; y < height; y++) {
    const r = Math.floor(y / cell);
    const t = y / cell - r;
    const blendY = t * t * (3 - 2 * t);
    const above = r * columns;
    for (let c = 0; c < columns; c++) {
      const a = lattice[above + c];
      line[c] = a + (lattice[above + columns + c] - a) * blendY;
    }
    const row = y * width;
    for (let x = 0; x < width; x++) {
      const c = column[x];
      const a = line[c];
      out[row + x] = out[row + x] + a + (line[c + 1] - a) * blendX[x];
    }
  }
}
