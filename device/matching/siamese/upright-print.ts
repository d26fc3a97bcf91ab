import { UPRIGHT_SIDE } from './layout.ts';
import type { ModelPicture } from './model-picture.ts';
import type { Pose } from './pose.ts';

/** The window of 128 × 128 pixels around the finger's middle, turned upright: what the encoder sees. White outside the picture. */
export function uprightPrint({ width, height, values }: ModelPicture, { rotation, x, y }: Pose): Float32Array {
  const print = new Float32Array(UPRIGHT_SIDE * UPRIGHT_SIDE);
  const [c, s] = [Math.cos(rotation), Math.sin(rotation)];
  const ink = (column: number, row: number): number =>
    column < 0 || row < 0 || column >= width || row >= height ? 0 : 1 - values[row * width + column];
  for (let j = 0; j < UPRIGHT_SIDE; j++)
    for (let i = 0; i < UPRIGHT_SIDE; i++) {
      // A pixel's value stands for its middle.
      const [u, v] = [i + 0.5 - UPRIGHT_SIDE / 2, j + 0.5 - UPRIGHT_SIDE / 2];
      const across = x + u * c + v * s - 0.5;
      const down = y + v * c - u * s - 0.5;
      const [left, top] = [Math.floor(across), Math.floor(down)];
      const [right, below] = [across - left, down - top];
      const upper = ink(left, top) * (1 - right) + ink(left + 1, top) * right;
      const lower = ink(left, top + 1) * (1 - right) + ink(left + 1, top + 1) * right;
      print[j * UPRIGHT_SIDE + i] = 1 - (upper * (1 - below) + lower * below);
    }
  return print;
}
