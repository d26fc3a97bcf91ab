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

/** Every minutia with its nearest neighbours, each pair once. */
function neighbouringPairs(minutiae: readonly Minutia[]): Pair[] {
  const pairs = new Map<number, Pair>();
  minutiae.forEach((from, i) => {
    const near: { j: number; length: number }[] = [];
    minutiae.forEach((to, j) => {
      const length = Math.sqrt((to.x - from.x) ** 2 + (to.y - from.y) ** 2);
      if (j !== i && length >= LEAST_LENGTH && length < MOST_LENGTH) near.push({ j, length });
    });
    near.sort((a, b) => a.length - b.length || a.j - b.j);
    for (const { j, length } of near.slice(0, NEIGHBOURS)) {
      const [first, second] = i < j ? [i, j] : [j, i];
      pairs.set(first * minutiae.length + second, { from: minutiae[first], to: minutiae[second], length });
    }
  });
  return [...pairs.values()].sort((a, b) => a.length - b.length);
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
  neighbouringPairs(minutiae)
    .slice(0, MOST_PAIRS)
    .forEach((pair, at) => {
      const [length, first, second, direction] = measured(pair).map(Math.floor);
      kept[at] = (kindOf(Math.min(LENGTHS - 1, length), first, second) << 5) | (direction & (SECTORS - 1));
    });
  return kept;
}

/**
 * At which directions the probe has each kind of pair: bit −direction modulo 32. Its pairs are taken from both ends,
 * since nothing says which end another touch begins with, and count for the kinds beside theirs too.
 */
export function kindTable({ minutiae }: MinutiaeTemplate): Uint32Array {
  const table = new Uint32Array(KINDS);
  for (const pair of neighbouringPairs(minutiae))
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
