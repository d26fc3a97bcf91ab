import type { Grid } from './grid.ts';
import { DESCRIPTOR, GRID_CELLS } from './layout.ts';

/** Bytes of a cell's signs. */
const SIGN_BYTES = DESCRIPTOR / 8;
/** A weight has four bits. */
const WEIGHT_STEPS = 15;
const WEIGHTS_AT = GRID_CELLS * SIGN_BYTES;

/** Of a stored grid. */
export const GRID_BYTES = WEIGHTS_AT + GRID_CELLS / 2;

/** All values of a cell that is read back are as large: together they have length 1. */
const STORED_VALUE = 1 / Math.sqrt(DESCRIPTOR);

/**
 * Packs a grid into 936 bytes: of each cell the signs of its 48 values (6 bytes, the first value in the lowest bit, 1 for
 * above 0), then of each cell its weight in four bits (the first of two cells in the lower half).
 */
export function packGrid({ descriptors, weights }: Grid): Uint8Array {
  const bytes = new Uint8Array(GRID_BYTES);
  for (let at = 0; at < GRID_CELLS * DESCRIPTOR; at++) if (descriptors[at] > 0) bytes[at >> 3] |= 1 << (at & 7);
  for (let cell = 0; cell < GRID_CELLS; cell++)
    bytes[WEIGHTS_AT + (cell >> 1)] |= Math.round(WEIGHT_STEPS * weights[cell]) << (4 * (cell & 1));
  return bytes;
}

/** Reads a packed grid. */
export function readGrid(bytes: Uint8Array): Grid {
  const grid = { descriptors: new Float32Array(GRID_CELLS * DESCRIPTOR), weights: new Float32Array(GRID_CELLS) };
  unpackGrid(bytes, grid.descriptors, grid.weights, 0);
  return grid;
}

/**
 * Reads a packed grid into place `index` of a batch.
 *
 * @param bytes 936 of them
 * @param descriptors room for 144 × 48 values a grid
 * @param weights room for 144 values a grid
 */
export function unpackGrid(bytes: Uint8Array, descriptors: Float32Array, weights: Float32Array, index: number): void {
  const first = index * GRID_CELLS * DESCRIPTOR;
  for (let at = 0; at < GRID_CELLS * DESCRIPTOR; at++)
    descriptors[first + at] = (bytes[at >> 3] >> (at & 7)) & 1 ? STORED_VALUE : -STORED_VALUE;
  for (let cell = 0; cell < GRID_CELLS; cell++)
    weights[index * GRID_CELLS + cell] = ((bytes[WEIGHTS_AT + (cell >> 1)] >> (4 * (cell & 1))) & 15) / WEIGHT_STEPS;
}
