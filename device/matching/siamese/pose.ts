import type { Cells } from './cells.ts';
import { CELL, PLACE_UNIT } from './layout.ts';

/** How a finger lies in its picture. A point (X, Y) of the upright finger, y downwards, is seen at (X cos r + Y sin r, Y cos r − X sin r) from its middle. */
export interface Pose {
  /** Radians in (−π, π], counter-clockwise as a person sees it. */
  readonly rotation: number;
  /** The finger's middle, in pixels at 250 dpi from the picture's left and upper edge; it may lie outside. */
  readonly x: number;
  readonly y: number;
}

/** Rounds of weighing anew what the cells say by how far it is from what most say. */
const ROUNDS = 6;
/** Pixels at 250 dpi (1.2 mm): a cell that is as far off counts half. */
const SCATTER = 12;

/** The pose that the cells agree on, the surer the more; upright in the picture's middle where none is sure of anything. */
export function poseOf({ columns, rows, confidence, place }: Cells): Pose {
  const count = columns * rows;
  const [xAt, yAt, cosineAt, sineAt] = [0, count, 2 * count, 3 * count];
  let [cosine, sine, total] = [0, 0, 0];
  for (let cell = 0; cell < count; cell++) {
    cosine += confidence[cell] * place[cosineAt + cell];
    sine += confidence[cell] * place[sineAt + cell];
    total += confidence[cell];
  }
  let [x, y] = [(columns * CELL) / 2, (rows * CELL) / 2];
  if (!(total > 0)) return { rotation: 0, x, y };
  const rotation = Math.atan2(sine, cosine);
  const [c, s] = [PLACE_UNIT * Math.cos(rotation), PLACE_UNIT * Math.sin(rotation)];
  const middles = new Float64Array(2 * count);
  for (let cell = 0; cell < count; cell++) {
    const [u, v] = [place[xAt + cell], place[yAt + cell]];
    middles[2 * cell] = CELL * ((cell % columns) + 0.5) - (u * c + v * s);
    middles[2 * cell + 1] = CELL * (Math.floor(cell / columns) + 0.5) - (v * c - u * s);
  }
  for (let round = 0; round < ROUNDS; round++) {
    let [sumX, sumY, sum] = [0, 0, 0];
    for (let cell = 0; cell < count; cell++) {
      const off = round === 0 ? 0 : (middles[2 * cell] - x) ** 2 + (middles[2 * cell + 1] - y) ** 2;
      const weight = confidence[cell] / (1 + off / SCATTER ** 2);
      sumX += weight * middles[2 * cell];
      sumY += weight * middles[2 * cell + 1];
      sum += weight;
    }
    [x, y] = [sumX / sum, sumY / sum];
  }
  return { rotation, x, y };
}
