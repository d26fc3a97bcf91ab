import { growFinger, type Finger } from '../finger.ts';
import { derive } from '../random.ts';
import type { SensorName } from '../sensors.ts';

/** Everything that decides a dataset's content. */
export interface DatasetPlan {
  readonly seed: number;
  readonly fingers: number;
  /** Of each finger. */
  readonly impressions: number;
  /** Each finger's number of siblings, which are fingers of the set too: 3 means families of four. */
  readonly siblings: number;
  readonly sensor: SensorName;
  /** See `ImpressionOptions`. */
  readonly severity: number;
  readonly format: 'png' | 'shards';
  /** Whether each print is also written altered in every way; only as PNG. */
  readonly alterations: boolean;
}

/** Fingers whose files are written and counted as one: what an interruption can cost. */
export const FINGERS_PER_UNIT = { png: 8, shards: 64 } as const;

export function unitsOf(plan: DatasetPlan): number {
  return Math.ceil(plan.fingers / FINGERS_PER_UNIT[plan.format]);
}

/** The numbers of a unit's fingers, from 0. */
export function fingersOf(plan: DatasetPlan, unit: number): number[] {
  const size = FINGERS_PER_UNIT[plan.format];
  const first = unit * size;
  return Array.from({ length: Math.min(size, plan.fingers - first) }, (_, i) => first + i);
}

export function growMember(plan: DatasetPlan, finger: number): Finger {
  const family = Math.floor(finger / (plan.siblings + 1));
  return growFinger(derive(plan.seed, family), { sibling: finger % (plan.siblings + 1) });
}
