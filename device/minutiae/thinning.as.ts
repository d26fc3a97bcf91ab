// Thins a binary picture to lines one pixel wide (Guo and Hall 1989). Built by `npm run build:kernels`.

/** First free byte of memory. */
export function heapBase(): usize {
  return (__heap_base + 15) & ~15;
}

/**
 * @param picture u8 plane, 1 = line; its outermost rows and columns must be 0
 * @param list    room for one u32 a line pixel, twice
 */
export function thin(picture: usize, width: i32, height: i32, list: usize): void {
  const w: usize = width;
  let count = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at: usize = <usize>(y * width + x);
      if (!load<u8>(picture + at)) continue;
      store<u32>(list + ((<usize>count) << 2), <u32>at);
      count++;
    }
  }
  const doomed: usize = list + ((<usize>count) << 2);
  let changed = true;
  while (changed) {
    changed = false;
    for (let phase = 0; phase < 2; phase++) {
      let removed = 0;
      let kept = 0;
      for (let i = 0; i < count; i++) {
        const offset = load<u32>(list + ((<usize>i) << 2));
        const at: usize = picture + <usize>offset;
        if (!load<u8>(at)) continue;
        store<u32>(list + ((<usize>kept) << 2), offset);
        kept++;
        // Neighbours clockwise from the north.
        const p2 = <i32>load<u8>(at - w);
        const p4 = <i32>load<u8>(at + 1);
        const p6 = <i32>load<u8>(at + w);
        const p8 = <i32>load<u8>(at - 1);
        if (p2 & p4 & p6 & p8) continue;
        const p3 = <i32>load<u8>(at - w + 1);
        const p5 = <i32>load<u8>(at + w + 1);
        const p7 = <i32>load<u8>(at + w - 1);
        const p9 = <i32>load<u8>(at - w - 1);
        const groups =
          ((p2 ^ 1) & (p3 | p4)) + ((p4 ^ 1) & (p5 | p6)) + ((p6 ^ 1) & (p7 | p8)) + ((p8 ^ 1) & (p9 | p2));
        if (groups != 1) continue;
        const n1 = (p9 | p2) + (p3 | p4) + (p5 | p6) + (p7 | p8);
        const n2 = (p2 | p3) + (p4 | p5) + (p6 | p7) + (p8 | p9);
        const n = min(n1, n2);
        if (n < 2 || n > 3) continue;
        const keep = phase == 0 ? (p2 | p3 | (p5 ^ 1)) & p4 : (p6 | p7 | (p9 ^ 1)) & p8;
        if (keep) continue;
        store<u32>(doomed + ((<usize>removed) << 2), offset);
        removed++;
      }
      count = kept;
      for (let i = 0; i < removed; i++) store<u8>(picture + <usize>load<u32>(doomed + ((<usize>i) << 2)), 0);
      if (removed > 0) changed = true;
    }
  }
}
