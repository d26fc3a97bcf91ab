import { startKernel, type Kernel } from '../wasm.ts';
import type { CellGrid } from './cell-grid.ts';

interface SmoothingKernel extends Kernel {
  heapBase(): number;
  smooth(
    source: number,
    spare: number,
    target: number,
    stride: number,
    rows: number,
    margin: number,
    reach: number,
    weights: number,
    rowScale: number,
    columnScale: number,
  ): void;
}

const PAGE = 65536;
/** Where a Gaussian is cut off, in sigmas. */
const CUT = 2.5;

// Scratch space only: every call writes all that it reads.
const kernel = startKernel(new URL('./smoothing.wasm', import.meta.url)) as SmoothingKernel;

/** Gaussian smoothing of a grid's values; beyond the border nothing counts. `sigma` in cells. */
export function smooth(grid: CellGrid, values: Float32Array, sigma: number): Float32Array {
  const { columns, rows } = grid;
  const reach = Math.max(1, Math.ceil(CUT * sigma));
  const margin = (reach + 3) & ~3;
  const stride = 2 * margin + ((columns + 3) & ~3);
  const planeBytes = 4 * stride * rows;
  const source = kernel.heapBase();
  const spare = source + planeBytes;
  const weightsAt = spare + planeBytes;
  const rowScaleAt = weightsAt + 4 * (2 * reach + 1);
  const columnScaleAt = rowScaleAt + 4 * rows;
  const missing = columnScaleAt + 4 * stride - kernel.memory.buffer.byteLength;
  if (missing > 0) kernel.memory.grow(Math.ceil(missing / PAGE));
  const { buffer } = kernel.memory;
  const weights = new Float32Array(buffer, weightsAt, 2 * reach + 1);
  for (let i = -reach; i <= reach; i++) weights[i + reach] = Math.exp((-i * i) / (2 * sigma * sigma));
  const rowScale = new Float32Array(buffer, rowScaleAt, rows);
  for (let row = 0; row < rows; row++) rowScale[row] = 1 / weightInside(weights, reach, row, rows);
  const columnScale = new Float32Array(buffer, columnScaleAt, stride);
  for (let c = 0; c < columns; c++) columnScale[margin + c] = 1 / weightInside(weights, reach, c, columns);
  const planes = new Float32Array(buffer, source, 2 * stride * rows);
  planes.fill(0);
  for (let row = 0; row < rows; row++) {
    planes.set(values.subarray(row * columns, (row + 1) * columns), row * stride + margin);
  }
  kernel.smooth(source, spare, source, stride, rows, margin, reach, weightsAt, rowScaleAt, columnScaleAt);
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    const from = row * stride + margin;
    result.set(planes.subarray(from, from + columns), row * columns);
  }
  return result;
}

/** Sum of the weights around `at` that fall between 0 and `length`. */
function weightInside(weights: Float32Array, reach: number, at: number, length: number): number {
  let sum = 0;
  for (let i = Math.max(-reach, -at); i <= Math.min(reach, length - 1 - at); i++) sum += weights[i + reach];
  return sum;
}
