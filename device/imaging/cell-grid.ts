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
  const down = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    const low = Math.max(0, row - reach);
    const high = Math.min(rows - 1, row + reach);
    const scale = 1 / total(weights, low - row + reach, high - row + reach);
    const at = row * columns;
    for (let k = low; k <= high; k++) {
      const weight = weights[k - row + reach] * scale;
      const from = k * columns;
      for (let c = 0; c < columns; c++) down[at + c] += weight * values[from + c];
    }
  }
  const result = new Float32Array(values.length);
  for (let c = 0; c < columns; c++) {
    const low = Math.max(0, c - reach);
    const high = Math.min(columns - 1, c + reach);
    const first = low - c + reach;
    const scale = 1 / total(weights, first, high - c + reach);
    for (let row = 0, at = 0; row < rows; row++, at += columns) {
      let sum = 0;
      for (let k = low, w = first; k <= high; k++, w++) sum += weights[w] * down[at + k];
      result[at + c] = sum * scale;
    }
  }
  return result;
}

function total(weights: Float32Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i <= to; i++) sum += weights[i];
  return sum;
}

/** Bilinear interpolation of a grid's values for one row of evenly spaced places after the other. */
export class GridRows {
  readonly #grid: CellGrid;
  readonly #cell: Int32Array;
  readonly #part: Float32Array;
  readonly #between: Float32Array;

  /** Places at x = start, start + step, …: `count` of them a row. */
  constructor(grid: CellGrid, start: number, step: number, count: number) {
    this.#grid = grid;
    this.#cell = new Int32Array(count);
    this.#part = new Float32Array(count);
    this.#between = new Float32Array(grid.columns);
    for (let i = 0; i < count; i++) {
      const u = Math.min(grid.columns - 1, Math.max(0, (start + i * step + 0.5) / grid.cell - 0.5));
      this.#cell[i] = Math.min(grid.columns - 2, Math.floor(u));
      this.#part[i] = u - this.#cell[i];
    }
  }

  /** Fills `target` with the values along the row of places at height y. */
  read(values: Float32Array, y: number, target: Float32Array): void {
    const { cell, columns, rows } = this.#grid;
    const v = Math.min(rows - 1, Math.max(0, (y + 0.5) / cell - 0.5));
    const row = Math.min(rows - 2, Math.floor(v));
    const part = v - row;
    const at = row * columns;
    const between = this.#between;
    for (let c = 0; c < columns; c++) {
      between[c] = values[at + c] + part * (values[at + columns + c] - values[at + c]);
    }
    for (let i = 0; i < target.length; i++) {
      const c = this.#cell[i];
      target[i] = between[c] + this.#part[i] * (between[c + 1] - between[c]);
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
