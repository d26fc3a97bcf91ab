/** The shape of a grid that holds one value for each square of `cell` × `cell` pixels, row by row. */
export interface CellGrid {
  readonly cell: number;
  readonly columns: number;
  readonly rows: number;
}

export function createGrid(width: number, height: number, cell: number): CellGrid {
  return { cell, columns: Math.ceil(width / cell), rows: Math.ceil(height / cell) };
}

/** Gaussian smoothing of a grid's values; beyond the border nothing counts. `sigma` in cells. */
export function smooth(grid: CellGrid, values: Float32Array, sigma: number): Float32Array {
  const { columns, rows } = grid;
  const reach = Math.max(1, Math.ceil(2.5 * sigma));
  const weights = new Float32Array(2 * reach + 1);
  for (let i = -reach; i <= reach; i++) weights[i + reach] = Math.exp((-i * i) / (2 * sigma * sigma));
  const across = new Float32Array(values.length);
  pass(values, across, weights, reach, columns, rows, 1, columns);
  const result = new Float32Array(values.length);
  pass(across, result, weights, reach, rows, columns, columns, 1);
  return result;
}

function pass(
  from: Float32Array,
  to: Float32Array,
  weights: Float32Array,
  reach: number,
  length: number,
  lines: number,
  step: number,
  lineStep: number,
): void {
  for (let i = 0; i < length; i++) {
    const low = Math.max(0, i - reach);
    const high = Math.min(length - 1, i + reach);
    let total = 0;
    for (let k = low; k <= high; k++) total += weights[k - i + reach];
    for (let line = 0; line < lines; line++) {
      const base = line * lineStep;
      let sum = 0;
      for (let k = low; k <= high; k++) sum += weights[k - i + reach] * from[base + k * step];
      to[base + i * step] = sum / total;
    }
  }
}

/** Bilinear interpolation between the cells' centres at pixel (x, y); constant beyond the outermost centres. */
export function sampleGrid(grid: CellGrid, values: Float32Array, x: number, y: number): number {
  const { cell, columns, rows } = grid;
  const u = Math.min(columns - 1, Math.max(0, (x + 0.5) / cell - 0.5));
  const v = Math.min(rows - 1, Math.max(0, (y + 0.5) / cell - 0.5));
  const column = Math.min(columns - 2, Math.floor(u));
  const row = Math.min(rows - 2, Math.floor(v));
  const fx = u - column;
  const fy = v - row;
  const at = row * columns + column;
  const top = values[at] + fx * (values[at + 1] - values[at]);
  const bottom = values[at + columns] + fx * (values[at + columns + 1] - values[at + columns]);
  return top + fy * (bottom - top);
}
