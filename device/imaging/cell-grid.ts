/** The shape of a grid that holds one value for each square of `cell` × `cell` pixels, row by row. */
export interface CellGrid {
  readonly cell: number;
  readonly columns: number;
  readonly rows: number;
}

export function createGrid(width: number, height: number, cell: number): CellGrid {
  return { cell, columns: Math.ceil(width / cell), rows: Math.ceil(height / cell) };
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
