// Compares one latent with all of a gallery: cosines of vectors of bytes. Built by `npm run build:kernels`.

/** First free byte of memory. */
export function heapBase(): usize {
  return (__heap_base + 15) & ~15;
}

/**
 * @param probe   i8 × length
 * @param latents i8, `count` vectors one after another
 * @param scales  f32 × count, what each product is multiplied by: 1 / its vector's norm
 * @param scores  f32 × count, written
 * @param wide    i16 × length, scratch space
 * @param length  a multiple of 32
 * @param scale   1 / the probe's norm
 */
export function scan(
  probe: usize,
  latents: usize,
  scales: usize,
  scores: usize,
  wide: usize,
  length: usize,
  count: i32,
  scale: f32,
): void {
  for (let at: usize = 0; at < length; at += 16) {
    const bytes = v128.load(probe + at);
    v128.store(wide + 2 * at, i16x8.extend_low_i8x16_s(bytes));
    v128.store(wide + 2 * at + 16, i16x8.extend_high_i8x16_s(bytes));
  }
  let latent = latents;
  for (let index = 0; index < count; index++) {
    let a = i32x4.splat(0);
    let b = i32x4.splat(0);
    let c = i32x4.splat(0);
    let d = i32x4.splat(0);
    let other = wide;
    for (const end = latent + length; latent < end; latent += 32, other += 64) {
      const first = v128.load(latent);
      const second = v128.load(latent, 16);
      a = i32x4.add(a, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(first), v128.load(other)));
      b = i32x4.add(b, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(first), v128.load(other, 16)));
      c = i32x4.add(c, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(second), v128.load(other, 32)));
      d = i32x4.add(d, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(second), v128.load(other, 48)));
    }
    const four = i32x4.add(i32x4.add(a, b), i32x4.add(c, d));
    const two = i32x4.add(four, i8x16.shuffle(four, four, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
    const sum = i32x4.extract_lane(two, 0) + i32x4.extract_lane(two, 1);
    const place = (<usize>index) << 2;
    store<f32>(scores + place, <f32>sum * scale * load<f32>(scales + place));
  }
}
