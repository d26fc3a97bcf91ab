import type { Minutia, MinutiaeTemplate } from '../../minutiae/minutia.ts';

/** Neighbours that a minutia forms pairs with. */
const NEIGHBOURS = 6;
/** Pixels at 500 dpi: nearer ones are noise of one place, farther ones skin bends apart. */
const LEAST_LENGTH = 10;
const MOST_LENGTH = 106;
/** Kinds of pairs: 12 lengths of 8 pixels, and at either end 32 sectors between its direction and the other minutia. */
const LENGTH_STEP = 8;
const LENGTHS = 12;
const SECTORS = 32;
/** How far a pair of the probe may be off in each, in steps. */
const LENGTH_TOLERANCE = 0.8;
const SECTOR_TOLERANCE = 1;
/** No pair is of the last kind. */
export const KINDS = LENGTHS * SECTORS * SECTORS + 1;
const NO_PAIR = (KINDS - 1) << 5;

/** Of a touch: the shortest. */
export const MOST_PAIRS = 128;

interface Pair {
  readonly from: Minutia;
  readonly to: Minutia;
  readonly length: number;
}

/**
 * Every minutia with its nearest neighbours, each pair once; the shortest first. Ten thousand touches are gone through when
 * a terminal starts, so there is no sorting by functions here.
 *
 * @param most how many pairs are wanted
 */
function neighbouringPairs(minutiae: readonly Minutia[], most: number): Pair[] {
  const count = minutiae.length;
  const xs = Float64Array.from(minutiae, ({ x }) => x);
  const ys = Float64Array.from(minutiae, ({ y }) => y);
  const near = new Int16Array(NEIGHBOURS * count).fill(-1);
  const lengths = new Float64Array(NEIGHBOURS);
  const pairs: Pair[] = [];
  for (let i = 0; i < count; i++) {
    const mine = NEIGHBOURS * i;
    let found = 0;
    for (let j = 0; j < count; j++) {
      const across = xs[j] - xs[i];
      if (across >= MOST_LENGTH || across <= -MOST_LENGTH) continue;
      const down = ys[j] - ys[i];
      const length = Math.sqrt(across * across + down * down);
      if (j === i || length < LEAST_LENGTH || length >= MOST_LENGTH) continue;
      if (found === NEIGHBOURS && length >= lengths[NEIGHBOURS - 1]) continue;
      if (found < NEIGHBOURS) found++;
      let at = found - 1;
      for (; at > 0 && length < lengths[at - 1]; at--) {
        lengths[at] = lengths[at - 1];
        near[mine + at] = near[mine + at - 1];
      }
      lengths[at] = length;
      near[mine + at] = j;
    }
    for (let n = 0; n < found; n++) {
      const j = near[mine + n];
      if (j < i && isAmong(near, NEIGHBOURS * j, i)) continue;
      const pair = { from: minutiae[Math.min(i, j)], to: minutiae[Math.max(i, j)], length: lengths[n] };
      if (pairs.length === most && pair.length >= pairs[most - 1].length) continue;
      if (pairs.length < most) pairs.push(pair);
      let at = pairs.length - 1;
      for (; at > 0 && pair.length < pairs[at - 1].length; at--) pairs[at] = pairs[at - 1];
      pairs[at] = pair;
    }
  }
  return pairs;
}

function isAmong(near: Int16Array, first: number, i: number): boolean {
  for (let n = 0; n < NEIGHBOURS; n++) if (near[first + n] === i) return true;
  return false;
}

/** Length and sectors of a pair, and the direction of its first minutia, in steps but not yet whole. */
function measured({ from, to, length }: Pair): [number, number, number, number] {
  const bearing = Math.atan2(from.y - to.y, to.x - from.x);
  return [
    (length - LEAST_LENGTH) / LENGTH_STEP,
    sectors(bearing - from.direction),
    sectors(bearing + Math.PI - to.direction),
    sectors(from.direction),
  ];
}

/** 0 to below 32. */
function sectors(radians: number): number {
  const turns = radians / (2 * Math.PI);
  return SECTORS * (turns - Math.floor(turns));
}

function kindOf(length: number, first: number, second: number): number {
  return (length * SECTORS + (first & (SECTORS - 1))) * SECTORS + (second & (SECTORS - 1));
}

/** What the kernel keeps of a touch: 128 pairs, a kind (upper 27 bits) and a direction (lower 5) each. */
export function pairsOf({ minutiae }: MinutiaeTemplate): Uint32Array {
  const kept = new Uint32Array(MOST_PAIRS).fill(NO_PAIR);
  const pairs = neighbouringPairs(minutiae, MOST_PAIRS);
  for (let at = 0; at < pairs.length; at++) {
    const [length, first, second, direction] = measured(pairs[at]);
    const kind = kindOf(Math.min(LENGTHS - 1, Math.floor(length)), Math.floor(first), Math.floor(second));
    kept[at] = (kind << 5) | (Math.floor(direction) & (SECTORS - 1));
  }
  return kept;
}

/**
 * At which directions the probe has each kind of pair: bit −direction modulo 32. Its pairs are taken from both ends,
 * since nothing says which end another touch begins with, and count for the kinds beside theirs too.
 */
export function kindTable({ minutiae }: MinutiaeTemplate): Uint32Array {
  const table = new Uint32Array(KINDS);
  for (const pair of neighbouringPairs(minutiae, Infinity))
    for (const either of [pair, { ...pair, from: pair.to, to: pair.from }]) {
      const [length, first, second, direction] = measured(either);
      const bit = 1 << (-Math.floor(direction) & (SECTORS - 1));
      for (const l of steps(length, LENGTH_TOLERANCE).filter((step) => step >= 0 && step < LENGTHS))
        for (const f of steps(first, SECTOR_TOLERANCE))
          for (const s of steps(second, SECTOR_TOLERANCE)) table[kindOf(l, f, s)] |= bit;
    }
  return table;
}

/** The whole steps within the tolerance of a value. */
function steps(value: number, tolerance: number): number[] {
  const [least, most] = [Math.floor(value - tolerance), Math.floor(value + tolerance)];
  return Array.from({ length: most - least + 1 }, (_, k) => least + k);
}
