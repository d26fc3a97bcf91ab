import { z } from 'zod';
import type { Minutia } from '../device/minutiae/minutia.ts';
import { WORKING_DPI } from '../device/imaging/gray-image.ts';
import { CalibrationError } from './errors.ts';

/** A found minutia is a true one within this distance and turn (the usual bounds of the literature). */
const DISTANCE_PX = 12;
const TURN_RAD = Math.PI / 8;
/** Nothing is asked of an extractor closer than this to where the finger's contact ends, pixels at 500 dpi. */
const BORDER_PX = 14;

const truthSchema = z.object({
  width: z.int().min(1).max(4096),
  height: z.int().min(1).max(4096),
  dpi: z.number().min(50).max(2000),
  touch: z.object({ condition: z.string() }),
  minutiae: z.array(
    z.object({ x: z.number(), y: z.number(), direction: z.number(), type: z.enum(['ending', 'bifurcation']) }),
  ),
  maskRuns: z.array(z.int().min(0)),
});

/** What is true of an artificial print: the part of its JSON that an extractor can be measured by. */
export type PrintTruth = z.output<typeof truthSchema>;

/** @throws CalibrationError `calibration.bad-truth` */
export function readTruth(json: string, name: string): PrintTruth {
  const fail = (reason: string): never => {
    throw new CalibrationError(
      'calibration.bad-truth',
      `${name} does not tell what is true of an artificial print (${reason}); write the set anew by whorl synthesize`,
    );
  };
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return fail('it is no JSON');
  }
  const parsed = truthSchema.safeParse(value);
  if (!parsed.success) return fail(parsed.error.issues[0].message);
  const { maskRuns, width, height } = parsed.data;
  if (maskRuns.reduce((sum, run) => sum + run, 0) !== width * height) return fail('its mask is not of its size');
  return parsed.data;
}

/** Minutiae that counted, and of them those that have a partner on the other side. */
export interface TruthCount {
  readonly truth: number;
  readonly truthMatched: number;
  readonly found: number;
  readonly foundMatched: number;
  /** Of the pairs, those of the same type. */
  readonly sameType: number;
}

export interface TruthRates {
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  /** Share of matched minutiae whose type was told rightly. */
  readonly type: number | null;
}

/**
 * Compares found minutiae (pixels at 500 dpi) with the true ones. Each has at most one partner, the nearest first.
 * Those near the border may be partners but do not count themselves.
 */
export function compareWithTruth(found: readonly Minutia[], truth: PrintTruth): TruthCount {
  const scale = WORKING_DPI / truth.dpi;
  const counts = interior(truth, BORDER_PX / scale);
  const here = found.map((minutia) => ({
    ...minutia,
    x: (minutia.x + 0.5) / scale - 0.5,
    y: (minutia.y + 0.5) / scale - 0.5,
  }));
  const pairs = here
    .flatMap((a, i) =>
      truth.minutiae.map((b, j) => ({
        i,
        j,
        distance: Math.hypot(a.x - b.x, a.y - b.y) * scale,
        turn: turnBetween(a.direction, b.direction),
      })),
    )
    .filter(({ distance, turn }) => distance <= DISTANCE_PX && turn <= TURN_RAD)
    .sort((a, b) => a.distance - b.distance);
  const partnerOfFound = new Map<number, number>();
  const partnerOfTruth = new Map<number, number>();
  for (const { i, j } of pairs) {
    if (partnerOfFound.has(i) || partnerOfTruth.has(j)) continue;
    partnerOfFound.set(i, j);
    partnerOfTruth.set(j, i);
  }
  const countedFound = here.map((_, i) => i).filter((i) => counts(here[i].x, here[i].y));
  const countedTruth = truth.minutiae.map((_, j) => j).filter((j) => counts(truth.minutiae[j].x, truth.minutiae[j].y));
  return {
    truth: countedTruth.length,
    truthMatched: countedTruth.filter((j) => partnerOfTruth.has(j)).length,
    found: countedFound.length,
    foundMatched: countedFound.filter((i) => partnerOfFound.has(i)).length,
    sameType: countedFound.filter((i) => {
      const j = partnerOfFound.get(i);
      return j !== undefined && truth.minutiae[j].type === here[i].type;
    }).length,
  };
}

/** Rates of several prints together; null where there was nothing to measure. */
export function ratesOf(counts: readonly TruthCount[]): TruthRates {
  const sum = (part: keyof TruthCount): number => counts.reduce((total, count) => total + count[part], 0);
  const precision = ratio(sum('foundMatched'), sum('found'));
  const recall = ratio(sum('truthMatched'), sum('truth'));
  const f1 =
    precision === null || recall === null
      ? null
      : precision + recall === 0
        ? 0
        : (2 * precision * recall) / (precision + recall);
  return { precision, recall, f1, type: ratio(sum('sameType'), sum('foundMatched')) };
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function turnBetween(a: number, b: number): number {
  const turn = Math.abs(a - b) % (2 * Math.PI);
  return Math.min(turn, 2 * Math.PI - turn);
}

/** Whether a point lies under the finger and at least `border` pixels from where it ends (the picture's rim included). */
function interior({ width, height, maskRuns }: PrintTruth, border: number): (x: number, y: number) => boolean {
  const mask = new Uint8Array(width * height);
  let at = 0;
  maskRuns.forEach((run, i) => {
    if (i % 2 === 1) mask.fill(1, at, at + run);
    at += run;
  });
  const reach = Math.ceil(border);
  return (x, y) => {
    const column = Math.round(x);
    const row = Math.round(y);
    for (let dy = -reach; dy <= reach; dy++)
      for (let dx = -reach; dx <= reach; dx++) {
        if (dx * dx + dy * dy > border * border) continue;
        const c = column + dx;
        const r = row + dy;
        if (c < 0 || r < 0 || c >= width || r >= height || mask[r * width + c] === 0) return false;
      }
    return true;
  };
}
