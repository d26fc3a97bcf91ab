// Counts, for every enrolled touch, how many of its pairs of neighbouring minutiae look like pairs of the probe, at
// the rotation for which they are most. Built by `npm run build:kernels`.

/** Sectors of rotation. */
const SECTORS: usize = 32;

/** First free byte of memory. */
export function heapBase(): usize {
  return (__heap_base + 15) & ~15;
}

/**
 * @param table  u32 a kind of pair: at which directions the probe has it, bit −direction modulo 32
 * @param pairs  u32 × width × count: a pair's kind (upper 27 bits) and its direction (lower 5)
 * @param width  pairs of a touch; those that it lacks are of a kind that no probe has
 * @param scores f32 × count, written: votes for the best three neighbouring sectors of rotation, beyond what the
 *               others have on average, as a share of √(that average + 1)
 * @param votes  u16 × 40, scratch space
 */
export function vote(table: usize, pairs: usize, width: i32, count: i32, scores: usize, votes: usize): void {
  let at = pairs;
  for (let touch = 0; touch < count; touch++) {
    for (let sector: usize = 0; sector < 2 * SECTORS + 16; sector += 16) v128.store(votes + sector, i64x2.splat(0));
    for (const end = at + ((<usize>width) << 2); at < end; at += 4) {
      const pair = load<u32>(at);
      let mask = load<u32>(table + ((<usize>(pair >> 5)) << 2));
      if (mask === 0) continue;
      mask = rotl<u32>(mask, pair & 31);
      do {
        const place = votes + ((<usize>ctz(mask)) << 1);
        store<u16>(place, load<u16>(place) + 1);
        mask &= mask - 1;
      } while (mask !== 0);
    }
    // The first sectors again behind the last: rotations wrap.
    store<u32>(votes + 2 * SECTORS, load<u32>(votes));
    let most = i16x8.splat(0);
    let all = i16x8.splat(0);
    for (let sector: usize = 0; sector < 2 * SECTORS; sector += 16) {
      const own = v128.load(votes + sector);
      all = i16x8.add(all, own);
      const three = i16x8.add(own, i16x8.add(v128.load(votes + sector, 2), v128.load(votes + sector, 4)));
      most = i16x8.max_s(most, three);
    }
    let best: i32 = 0;
    let sum: i32 = 0;
    v128.store(votes, most);
    for (let lane: usize = 0; lane < 16; lane += 2) best = max(best, <i32>load<u16>(votes + lane));
    v128.store(votes, all);
    for (let lane: usize = 0; lane < 16; lane += 2) sum += <i32>load<u16>(votes + lane);
    const usual = (<f32>(sum - best) * 3) / 29;
    store<f32>(scores + ((<usize>touch) << 2), (<f32>best - usual) / sqrt<f32>(usual + 1));
  }
}
