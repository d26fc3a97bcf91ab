import type { Tensors } from '../../inference/tensor.ts';
import type { Grid } from './grid.ts';
import { unpackGrid } from './grid-codec.ts';
import { DESCRIPTOR, GRID_CELLS } from './layout.ts';

/** What the siamese head says of a probe's grid and a stored one. */
export interface GridComparison {
  /** The higher, the more alike; about 0 to 10. */
  readonly score: number;
  /**
   * How they lie on each other: the probe's grid, turned about its middle by the rotation (radians, counter-clockwise as
   * a person sees it) and then moved by the shift (cells, y downwards), lies over the reference's.
   */
  readonly rotation: number;
  readonly shift: readonly [number, number];
}

/** One request to the head: a touch's grid, as the backbone left it, with stored ones of the same backbone. */
export function headFeeds(probe: Grid, references: readonly Uint8Array[]): Tensors {
  const count = references.length;
  const descriptors = new Float32Array(count * GRID_CELLS * DESCRIPTOR);
  const weights = new Float32Array(count * GRID_CELLS);
  references.forEach((bytes, index) => {
    unpackGrid(bytes, descriptors, weights, index);
  });
  return {
    probe: { shape: [GRID_CELLS, DESCRIPTOR], data: probe.descriptors },
    probe_weight: { shape: [GRID_CELLS], data: probe.weights },
    references: { shape: [count, GRID_CELLS, DESCRIPTOR], data: descriptors },
    references_weight: { shape: [count, GRID_CELLS], data: weights },
  };
}

/** The head's answer, in the order of the references. */
export function readHead({ score, rotation, shift }: Tensors): GridComparison[] {
  return Array.from(score.data, (value, index) => ({
    score: value,
    rotation: rotation.data[index],
    shift: [shift.data[2 * index], shift.data[2 * index + 1]],
  }));
}
