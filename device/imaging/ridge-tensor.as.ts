// Smooths a picture and sums its structure tensor over cells of 4 x 4 pixels. Built by `npm run build:kernels`.

/** First free byte of memory. */
export function heapBase(): usize {
  return (__heap_base + 15) & ~15;
}

/**
 * Smoothing by (1 4 6 4 1)/16 in both directions, of whole rows with their margins.
 * @param picture i16, from two rows above the first row wanted
 * @param spare   as large as the picture
 * @param target  as large as the picture; rows 2 to rows - 3 are filled
 * @param stride  samples a row
 */
export function binomial(picture: usize, spare: usize, target: usize, stride: i32, rows: i32): void {
  const bytes: usize = (<usize>stride) << 1;
  const end: usize = <usize>rows * bytes;
  for (let at: usize = 16; at < end - 16; at += 16) {
    const p = picture + at;
    v128.store(spare + at, kernel(v128.load(p - 4), v128.load(p - 2), v128.load(p), v128.load(p + 2), v128.load(p + 4)));
  }
  for (let at: usize = 2 * bytes; at < end - 2 * bytes; at += 16) {
    const p = spare + at;
    v128.store(
      target + at,
      kernel(
        v128.load(p - 2 * bytes),
        v128.load(p - bytes),
        v128.load(p),
        v128.load(p + bytes),
        v128.load(p + 2 * bytes),
      ),
    );
  }
}

// @ts-ignore: decorator
@inline
function kernel(a: v128, b: v128, c: v128, d: v128, e: v128): v128 {
  const outer = i16x8.add(a, e);
  const inner = i16x8.add(i16x8.shl(i16x8.add(b, d), 2), i16x8.mul(c, i16x8.splat(6)));
  return i16x8.shr_s(i16x8.add(outer, inner), 4);
}

/**
 * @param smoothed  i16 plane, at its first inner pixel
 * @param lanes     i16 for each column of the cells' width, -1 where it counts, 0 where not
 * @param top, bottom first row that counts and the one after the last
 * @param difference, product, energy, power f32 for each cell, row by row; an even number of columns
 */
export function accumulate(
  smoothed: usize,
  stride: i32,
  top: i32,
  bottom: i32,
  columns: i32,
  rows: i32,
  lanes: usize,
  difference: usize,
  product: usize,
  energy: usize,
  power: usize,
): void {
  const row: usize = (<usize>stride) << 1;
  const ten = i16x8.splat(10);
  const three = i16x8.splat(3);
  for (let r = 0; r < rows; r++) {
    const first = max(4 * r, top);
    const last = min(4 * r + 4, bottom);
    for (let c = 0; c < columns; c += 2) {
      const lane = v128.load(lanes + ((<usize>c) << 3));
      let dd = f32x4.splat(0);
      let xy = f32x4.splat(0);
      let ee = f32x4.splat(0);
      let pp = f32x4.splat(0);
      let at: usize = smoothed + <usize>first * row + ((<usize>c) << 3);
      for (let y = first; y < last; y++, at += row) {
        const nw = v128.load(at - row - 2);
        const n = v128.load(at - row);
        const ne = v128.load(at - row + 2);
        const w = v128.load(at - 2);
        const e = v128.load(at + 2);
        const sw = v128.load(at + row - 2);
        const s = v128.load(at + row);
        const se = v128.load(at + row + 2);
        const rising = i16x8.sub(se, nw);
        const falling = i16x8.sub(ne, sw);
        const gx = v128.and(
          lane,
          i16x8.add(i16x8.mul(three, i16x8.add(rising, falling)), i16x8.mul(ten, i16x8.sub(e, w))),
        );
        const gy = v128.and(
          lane,
          i16x8.add(i16x8.mul(three, i16x8.sub(rising, falling)), i16x8.mul(ten, i16x8.sub(s, n))),
        );
        const value = v128.and(lane, v128.load(at));
        const xx = f32x4.convert_i32x4_s(i32x4.dot_i16x8_s(gx, gx));
        const yy = f32x4.convert_i32x4_s(i32x4.dot_i16x8_s(gy, gy));
        dd = f32x4.add(dd, f32x4.sub(xx, yy));
        ee = f32x4.add(ee, f32x4.add(xx, yy));
        xy = f32x4.add(xy, f32x4.convert_i32x4_s(i32x4.dot_i16x8_s(gx, gy)));
        pp = f32x4.add(pp, f32x4.convert_i32x4_s(i32x4.dot_i16x8_s(value, value)));
      }
      const cell: usize = (<usize>(r * columns + c)) << 2;
      put(difference + cell, dd);
      put(product + cell, f32x4.add(xy, xy));
      put(energy + cell, ee);
      put(power + cell, pp);
    }
  }
}

// @ts-ignore: decorator
@inline
function put(at: usize, v: v128): void {
  store<f32>(at, f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1));
  store<f32>(at, f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3), 4);
}
