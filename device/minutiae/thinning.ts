import type { Plane } from '../imaging/plane.ts';
import { startKernel, type Kernel } from '../wasm.ts';

interface ThinningKernel extends Kernel {
  heapBase(): number;
  thin(picture: number, width: number, height: number, list: number): void;
}

const PAGE = 65536;

/** A picture of 0 and 1, row by row, without margin. */
export interface BinaryPicture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** Lines one pixel wide along the middle of ridges or valleys, by Guo and Hall's thinning (1989). */
export class Thinning {
  readonly #kernel = startKernel(new URL('./thinning.wasm', import.meta.url)) as ThinningKernel;

  /** @param sign 1: the lines of what is positive in the plane (ridges); −1: of what is negative (valleys) */
  thin(plane: Plane, sign: 1 | -1): BinaryPicture {
    const { width, height, stride, origin, samples } = plane;
    const base = this.#kernel.heapBase();
    const list = (base + width * height + 15) & ~15;
    const missing = list + 8 * width * height - this.#kernel.memory.buffer.byteLength;
    if (missing > 0) this.#kernel.memory.grow(Math.ceil(missing / PAGE));
    const pixels = new Uint8Array(this.#kernel.memory.buffer, base, width * height);
    pixels.fill(0);
    for (let y = 1; y < height - 1; y++) {
      const from = origin + y * stride;
      for (let x = 1; x < width - 1; x++) if (sign * samples[from + x] > 0) pixels[y * width + x] = 1;
    }
    this.#kernel.thin(base, width, height, list);
    return { width, height, pixels: pixels.slice() };
  }
}
