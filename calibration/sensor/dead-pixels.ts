import type { GrayImage } from '../../device/imaging/gray-image.ts';
import { deviationOf, median, surroundings } from './fields.ts';

/** Pixels to each side that a pixel is held against: more than a dead column's width, less than a change of light. */
const REACH = 2;
/** A pixel that answers less or more than this part of its surroundings' answer is dead. */
const LEAST_ANSWER = 0.5;
const MOST_ANSWER = 1.6;
/** A pixel's gray differs by more than this from its surroundings': grays, and in typical differences. */
const LEAST_DIFFERENCE = 24;
const TYPICAL_DIFFERENCES = 10;
/** How many captures of different things it takes to tell that a pixel never changes. */
const ENOUGH_CAPTURES = 6;
/** A pixel that changes less than this part of its surroundings' change shows nothing. */
const LEAST_CHANGE = 0.3;
/** Grays that the surroundings must change by before a pixel is blamed for standing still. */
const ENOUGH_CHANGE = 12;
/** A line of which so much is dead is dead as a whole. */
const DEAD_SHARE_OF_LINE = 0.5;

export interface DeadPixels {
  /** All of them, those of dead lines included; ascending. */
  readonly pixels: readonly number[];
  readonly columns: readonly number[];
  readonly rows: readonly number[];
  /** Those that stand alone. */
  readonly single: number;
}

/**
 * Pixels that do not show what lies on them.
 *
 * @param empty gray of each pixel where nothing touches, `full` where skin touches everywhere: undefined where unknown
 * @param captures of all kinds: a pixel that never changes is dead
 */
export function findDeadPixels(
  width: number,
  empty: Float32Array | undefined,
  full: Float32Array | undefined,
  captures: readonly GrayImage[],
): DeadPixels {
  const height = captures[0].height;
  const dead = new Uint8Array(width * height);
  for (const field of [empty, full]) if (field !== undefined) markDifferent(dead, field, width);
  if (empty !== undefined && full !== undefined) markUnanswering(dead, empty, full, width);
  if (captures.length >= ENOUGH_CAPTURES) markUnchanging(dead, captures, width);

  const columns = deadLines(width, height, (line, along) => dead[along * width + line]);
  const rows = deadLines(height, width, (line, along) => dead[line * width + along]);
  let single = 0;
  for (let at = 0; at < dead.length; at++)
    if (dead[at] === 1 && !columns.includes(at % width) && !rows.includes(Math.floor(at / width))) single++;
  for (const column of columns) for (let y = 0; y < height; y++) dead[y * width + column] = 1;
  for (const row of rows) dead.fill(1, row * width, (row + 1) * width);
  const pixels: number[] = [];
  dead.forEach((mark, at) => {
    if (mark === 1) pixels.push(at);
  });
  return { pixels, columns, rows, single };
}

function markDifferent(dead: Uint8Array, field: Float32Array, width: number): void {
  const around = surroundings(field, width, REACH);
  const difference = field.map((gray, at) => Math.abs(gray - around[at]));
  const most = Math.max(LEAST_DIFFERENCE, TYPICAL_DIFFERENCES * median(difference));
  difference.forEach((value, at) => {
    if (value > most) dead[at] = 1;
  });
}

function markUnanswering(dead: Uint8Array, empty: Float32Array, full: Float32Array, width: number): void {
  const answer = empty.map((gray, at) => gray - full[at]);
  const around = surroundings(answer, width, REACH);
  const usual = median(around);
  answer.forEach((value, at) => {
    // Where a whole region answers weakly, it is no pixel's fault.
    if (around[at] < 0.2 * usual) return;
    if (value < LEAST_ANSWER * around[at] || value > MOST_ANSWER * around[at]) dead[at] = 1;
  });
}

function markUnchanging(dead: Uint8Array, captures: readonly GrayImage[], width: number): void {
  const change = deviationOf(captures);
  const around = surroundings(change, width, REACH);
  change.forEach((value, at) => {
    if (around[at] >= ENOUGH_CHANGE && value < LEAST_CHANGE * around[at]) dead[at] = 1;
  });
}

function deadLines(lines: number, length: number, isDead: (line: number, along: number) => number): number[] {
  const found: number[] = [];
  for (let line = 0; line < lines; line++) {
    let count = 0;
    for (let along = 0; along < length; along++) count += isDead(line, along);
    if (count > DEAD_SHARE_OF_LINE * length) found.push(line);
  }
  return found;
}
