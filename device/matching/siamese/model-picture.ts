import { WORKING_DPI, type GrayImage } from '../../imaging/gray-image.ts';
import { CELL, MODEL_DPI } from './layout.ts';

/** A picture as the networks see it: 250 dpi, 0 (black) to 1 (white), whole cells to the right and downwards. */
export interface ModelPicture {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

/** Pixels at 500 dpi on the side of one at 250. */
const HALVING = WORKING_DPI / MODEL_DPI;
const WHITE = 1;

/**
 * Halves the resolution by the mean of 2 × 2 pixels; what is wanting to whole cells is white. An odd last row or column
 * is left out.
 *
 * @param image at 500 dpi
 */
export function modelPictureOf({ width, height, pixels }: GrayImage): ModelPicture {
  const [columns, rows] = [Math.floor(width / HALVING), Math.floor(height / HALVING)];
  const wide = Math.ceil(columns / CELL) * CELL;
  const high = Math.ceil(rows / CELL) * CELL;
  const values = new Float32Array(wide * high).fill(WHITE);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const at = HALVING * (y * width + x);
      const sum = pixels[at] + pixels[at + 1] + pixels[at + width] + pixels[at + width + 1];
      values[y * wide + x] = sum / (4 * 255);
    }
  return { width: wide, height: high, values };
}
