// Ridge growth: each pass filters the whole skin with the quadrature kernel of each pixel's orientation and period and
// keeps the cosine of the phase. Only IEEE single-precision basic operations in a fixed order: the same bytes everywhere.

const RADIUS: i32 = 5;
const ROWS: i32 = 11;
/** Kernel rows are padded with a zero to three vectors of four. */
const ROW_TAPS: i32 = 12;

/** Bytes from the first free address: where the caller puts its arrays. */
export function base(): usize {
  return (__heap_base + 15) & ~15;
}

/**
 * @param pattern f32, (width + 12) × (height + 10), the skin with a rim of 5 (and 7 at the right)
 * @param kernel  i32 byte offset into `even` and `odd` for each pixel
 * @param real, imaginary f32 results of the last pass
 */
export function grow(
  passes: i32,
  width: i32,
  height: i32,
  pattern: usize,
  kernel: usize,
  even: usize,
  odd: usize,
  real: usize,
  imaginary: usize,
): void {
  const stride = (width + 12) << 2;
  for (let pass = 0; pass < passes; pass++) {
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const i: usize = (y * width + x) << 2;
        const k: usize = load<i32>(kernel + i);
        let e = even + k;
        let o = odd + k;
        let row = pattern + y * stride + (x << 2);
        let re = f32x4.splat(0);
        let im = f32x4.splat(0);
        for (let r = 0; r < ROWS; r++) {
          const a = v128.load(row);
          const b = v128.load(row, 16);
          const c = v128.load(row, 32);
          re = f32x4.add(re, f32x4.mul(a, v128.load(e)));
          im = f32x4.add(im, f32x4.mul(a, v128.load(o)));
          re = f32x4.add(re, f32x4.mul(b, v128.load(e, 16)));
          im = f32x4.add(im, f32x4.mul(b, v128.load(o, 16)));
          re = f32x4.add(re, f32x4.mul(c, v128.load(e, 32)));
          im = f32x4.add(im, f32x4.mul(c, v128.load(o, 32)));
          e += ROW_TAPS << 2;
          o += ROW_TAPS << 2;
          row += stride;
        }
        store<f32>(real + i, sum(re));
        store<f32>(imaginary + i, sum(im));
      }
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const i: usize = (y * width + x) << 2;
        const re = load<f32>(real + i);
        const im = load<f32>(imaginary + i);
        const modulus: f32 = Mathf.sqrt(re * re + im * im);
        store<f32>(pattern + (y + RADIUS) * stride + ((x + RADIUS) << 2), re / (modulus + <f32>0.001));
      }
  }
}

function sum(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}
