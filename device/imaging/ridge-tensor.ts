import { startKernel, type Kernel } from '../wasm.ts';
import { createGrid, type CellGrid } from './cell-grid.ts';
import { IMAGING } from './parameters.ts';
import { PLANE_MARGIN, type Plane } from './plane.ts';

interface TensorKernel extends Kernel {
  heapBase(): number;
  binomial(picture: number, spare: number, target: number, stride: number, rows: number): void;
  accumulate(
    smoothed: number,
    stride: number,
    top: number,
    bottom: number,
    columns: number,
    rows: number,
    lanes: number,
    difference: number,
    product: number,
    energy: number,
    power: number,
  ): void;
}

/**
 * The structure tensor summed over each cell: which way intensity changes, and how much.
 * Doubled-angle form (Bigün and Granlund 1987), so that opposite gradients of a ridge's two flanks add up.
 * Slopes are in units of `IMAGING.unit` a pixel.
 */
export interface RidgeTensor {
  readonly grid: CellGrid;
  /** gx² − gy². */
  readonly difference: Float32Array;
  /** 2 gx gy. */
  readonly product: Float32Array;
  /** gx² + gy². */
  readonly energy: Float32Array;
  /** The square of the picture itself, smoothed against pixel noise. */
  readonly power: Float32Array;
}

/** Pixels at the picture's edge that do not count: there the smoothing and the derivative reach beyond it. */
const EDGE = 3;
/** Rows of margin that the smoothing needs above and below. */
const MARGIN_ROWS = 3;
const PAGE = 65536;
/** Scharr's derivative answers a slope of one a pixel with this. */
const SLOPE_GAIN = 32;

// Scratch space only: every call writes all that it reads.
const kernel = startKernel(new URL('./ridge-tensor.wasm', import.meta.url)) as TensorKernel;

/** By Scharr's 3 × 3 derivative, whose direction error stays under a degree at ridge periods. */
export function measureTensor(plane: Plane): RidgeTensor {
  const { width, height, stride, origin, samples } = plane;
  const grid = createGrid(width, height, IMAGING.cell);
  const columns = grid.columns + (grid.columns & 1);
  const planeRows = height + 2 * MARGIN_ROWS;
  const from = origin - MARGIN_ROWS * stride - PLANE_MARGIN;
  const length = planeRows * stride;
  const planeBytes = (2 * length + 64) & ~15;
  const picture = kernel.heapBase();
  const lanesAt = picture + 3 * planeBytes;
  const fieldsAt = (lanesAt + 8 * columns + 15) & ~15;
  const fieldBytes = 4 * columns * grid.rows;
  const missing = fieldsAt + 4 * fieldBytes - kernel.memory.buffer.byteLength;
  if (missing > 0) kernel.memory.grow(Math.ceil(missing / PAGE));
  const { buffer } = kernel.memory;
  new Int16Array(buffer, picture, length).set(samples.subarray(from, from + length));
  const lanes = new Int16Array(buffer, lanesAt, 4 * columns);
  for (let x = 0; x < lanes.length; x++) lanes[x] = x >= EDGE && x < width - EDGE ? -1 : 0;
  const smoothed = picture + 2 * planeBytes;
  kernel.binomial(picture, picture + planeBytes, smoothed, stride, planeRows);
  kernel.accumulate(
    smoothed + 2 * (MARGIN_ROWS * stride + PLANE_MARGIN),
    stride,
    EDGE,
    height - EDGE,
    columns,
    grid.rows,
    lanesAt,
    fieldsAt,
    fieldsAt + fieldBytes,
    fieldsAt + 2 * fieldBytes,
    fieldsAt + 3 * fieldBytes,
  );
  const field = (i: number, scale: number): Float32Array => {
    const padded = new Float32Array(buffer, fieldsAt + i * fieldBytes, columns * grid.rows);
    const values = new Float32Array(grid.columns * grid.rows);
    for (let row = 0; row < grid.rows; row++) {
      for (let c = 0; c < grid.columns; c++) values[row * grid.columns + c] = padded[row * columns + c] * scale;
    }
    return values;
  };
  const slope = 1 / (SLOPE_GAIN * IMAGING.unit) ** 2;
  return {
    grid,
    difference: field(0, slope),
    product: field(1, slope),
    energy: field(2, slope),
    power: field(3, 1 / IMAGING.unit ** 2),
  };
}
