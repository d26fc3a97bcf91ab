// Smooths a grid of values by a symmetric kernel in both directions. Built by `npm run build:kernels`.

/** First free byte of memory. */
export function heapBase(): usize {
  return (__heap_base + 15) & ~15;
}

/**
 * All planes are f32 with `stride` values a row; the first `margin` and the last of a row must be 0.
 * @param source, spare, target planes; `source` may be `target`
 * @param stride  a multiple of 4
 * @param margin  a multiple of 4, at least `reach`
 * @param weights f32, 2 reach + 1
 * @param rowScale, columnScale f32, what each row's and each column's sum is multiplied by
 */
export function smooth(
  source: usize,
  spare: usize,
  target: usize,
  stride: i32,
  rows: i32,
  margin: i32,
  reach: i32,
  weights: usize,
  rowScale: usize,
  columnScale: usize,
): void {
  const bytes: usize = (<usize>stride) << 2;
  const from: usize = (<usize>margin) << 2;
  const to: usize = bytes - from;
  for (let row = 0; row < rows; row++) {
    const low = max(0, row - reach);
    const high = min(rows - 1, row + reach);
    const scale = f32x4.splat(load<f32>(rowScale + ((<usize>row) << 2)));
    for (let at: usize = from; at < to; at += 16) {
      let sum = f32x4.splat(0);
      let p = source + <usize>low * bytes + at;
      let w = weights + ((<usize>(low - row + reach)) << 2);
      for (let k = low; k <= high; k++, p += bytes, w += 4) {
        sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(w), v128.load(p)));
      }
      v128.store(spare + <usize>row * bytes + at, f32x4.mul(sum, scale));
    }
  }
  const width: usize = (<usize>(2 * reach + 1)) << 2;
  for (let row = 0; row < rows; row++) {
    const line: usize = <usize>row * bytes;
    for (let at: usize = from; at < to; at += 16) {
      let sum = f32x4.splat(0);
      let p = spare + line + at - ((<usize>reach) << 2);
      for (let w: usize = 0; w < width; w += 4, p += 4) {
        sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(weights + w), v128.load(p)));
      }
      v128.store(target + line + at, f32x4.mul(sum, v128.load(columnScale + at)));
    }
  }
}
