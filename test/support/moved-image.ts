import type { GrayImage } from '../../device/imaging/gray-image.ts';

/** Where a print is put: turned counter-clockwise as seen about its middle, then shifted, in pixels. */
export interface Move {
  readonly radians: number;
  readonly dx: number;
  readonly dy: number;
}

/** The print in another pose, on white ground large enough for all of it; bilinear between pixels. */
export function moved({ width, height, dpi, pixels }: GrayImage, { radians, dx, dy }: Move): GrayImage {
  const side = Math.ceil(Math.hypot(width, height) + 2 * Math.max(Math.abs(dx), Math.abs(dy)));
  const out = new Uint8Array(side * side).fill(255);
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)];
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const [u, v] = [x - side / 2 - dx, y - side / 2 - dy];
      const sourceX = cos * u - sin * v + width / 2;
      const sourceY = sin * u + cos * v + height / 2;
      const [left, top] = [Math.floor(sourceX), Math.floor(sourceY)];
      if (left < 0 || top < 0 || left + 1 >= width || top + 1 >= height) continue;
      const [right, down] = [sourceX - left, sourceY - top];
      const at = top * width + left;
      const above = pixels[at] * (1 - right) + pixels[at + 1] * right;
      const below = pixels[at + width] * (1 - right) + pixels[at + width + 1] * right;
      out[y * side + x] = Math.round(above * (1 - down) + below * down);
    }
  return { width: side, height: side, dpi, pixels: out };
}
