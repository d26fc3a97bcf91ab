// Convolves every pixel with the kernel that its surroundings ask for. Built by `npm run build:kernels`.

/** First free byte of memory. */
export function heapBase(): usize {
  return (__heap_base + 15) & ~15;
}

/**
 * @param source     i16 plane with a zero margin of at least the kernel's reach; points at its first inner pixel
 * @param target     i16 plane of the same shape
 * @param stride     pixels from one row to the next, both planes
 * @param selection  u16 for each square of 2 x 2 pixels, row by row: number of its kernel, 0xffff for none (gives 0)
 * @param kernels    i16, `size` rows of 16 columns each (column 15 is 0 where size is 15)
 * @param shift      bits that the sums are shifted right by
 */
export function filter(
  source: usize,
  target: usize,
  width: i32,
  height: i32,
  stride: i32,
  selection: usize,
  kernels: usize,
  size: i32,
  shift: i32,
): void {
  const row: usize = (<usize>stride) << 1;
  const reach = size >> 1;
  const kernelBytes: usize = (<usize>size) << 5;
  const corner: usize = <usize>reach * row + ((<usize>reach) << 1);
  const squares = (width + 1) >> 1;
  for (let y = 0; y < height; y += 2) {
    for (let s = 0; s < squares; s++) {
      const chosen = <u32>load<u16>(selection);
      selection += 2;
      const at: usize = <usize>y * row + ((<usize>s) << 2);
      if (chosen == 0xffff) {
        store<u32>(target + at, 0);
        store<u32>(target + at + row, 0);
        continue;
      }
      let kernel: usize = kernels + <usize>chosen * kernelBytes;
      const end: usize = kernel + kernelBytes;
      let from: usize = source + at - corner;
      let a = i32x4.splat(0);
      let b = i32x4.splat(0);
      let c = i32x4.splat(0);
      let d = i32x4.splat(0);
      while (kernel < end) {
        const left = v128.load(kernel);
        const right = v128.load(kernel, 16);
        const below = from + row;
        a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load(from), left));
        b = i32x4.add(b, i32x4.dot_i16x8_s(v128.load(from, 2), left));
        c = i32x4.add(c, i32x4.dot_i16x8_s(v128.load(below), left));
        d = i32x4.add(d, i32x4.dot_i16x8_s(v128.load(below, 2), left));
        a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load(from, 16), right));
        b = i32x4.add(b, i32x4.dot_i16x8_s(v128.load(from, 18), right));
        c = i32x4.add(c, i32x4.dot_i16x8_s(v128.load(below, 16), right));
        d = i32x4.add(d, i32x4.dot_i16x8_s(v128.load(below, 18), right));
        kernel += 32;
        from = below;
      }
      store<i16>(target + at, <i16>(sum(a) >> shift));
      store<i16>(target + at + 2, <i16>(sum(b) >> shift));
      store<i16>(target + at + row, <i16>(sum(c) >> shift));
      store<i16>(target + at + row + 2, <i16>(sum(d) >> shift));
    }
  }
}

// @ts-ignore: decorator
@inline
function sum(v: v128): i32 {
  const halves = i32x4.add(v, i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return i32x4.extract_lane(halves, 0) + i32x4.extract_lane(halves, 1);
}
