import type { TouchTemplate } from './template-codec.ts';
import type { Finger, Person } from './person.ts';

/** What the touches of an enrolment must be like, each and together. */
export interface EnrolmentPolicy {
  readonly minimumTouches: number;
  /** Of each impression, 0 to 100. */
  readonly minimumQuality: number;
  readonly minimumMinutiae: number;
}

/**
 * Three touches see most of a fingertip. Twelve minutiae are the usual least for stating an identity (the twelve-point
 * rule of dactyloscopy). The quality only keeps out what the sensor's advice should have stopped before.
 */
export const ENROLMENT_POLICY: EnrolmentPolicy = { minimumTouches: 3, minimumQuality: 20, minimumMinutiae: 12 };

/** How touches are compared; the gallery itself knows no matcher. */
export interface TouchComparison {
  /** The higher, the more alike. Called many times with the same objects, so that preparations can be kept by object. */
  readonly score: (probe: TouchTemplate, reference: TouchTemplate) => number;
  /** The least score at which two touches of one enrolment are taken for the same finger. */
  readonly consistentFrom: number;
  /**
   * The least score at which a touch is taken for a finger that is enrolled already: higher than the other, since it
   * is compared with the whole gallery.
   */
  readonly duplicateFrom: number;
}

/** Why touches cannot be enrolled as they are. `touch` counts from 0 in the order given. */
export type EnrolmentProblem =
  | { readonly reason: 'too-few-touches'; readonly measured: number; readonly required: number }
  | {
      readonly reason: 'low-quality' | 'few-minutiae' | 'unlike-the-others';
      readonly touch: number;
      readonly measured: number;
      readonly required: number;
    };

export type EnrolmentResult =
  | { readonly kind: 'enrolled'; readonly person: Person; readonly finger: Finger }
  /** The touches named should be taken again. */
  | { readonly kind: 'retry'; readonly problems: readonly EnrolmentProblem[] }
  /** This person's finger of this position is enrolled; it can be replaced on purpose. */
  | { readonly kind: 'already-enrolled'; readonly person: Person; readonly finger: Finger }
  /** The finger is enrolled under another name or position. */
  | {
      readonly kind: 'duplicate';
      readonly touch: number;
      readonly score: number;
      readonly person: Person;
      readonly finger: Finger;
    };

/** Judges the touches by themselves: enough of them, each good enough, all of one finger. */
export function problemsOf(
  touches: readonly TouchTemplate[],
  comparison: TouchComparison,
  policy: EnrolmentPolicy,
): EnrolmentProblem[] {
  const problems: EnrolmentProblem[] = [];
  if (touches.length < policy.minimumTouches)
    problems.push({ reason: 'too-few-touches', measured: touches.length, required: policy.minimumTouches });
  const good: number[] = [];
  for (const [touch, { quality, minutiae }] of touches.entries()) {
    const count = minutiae.minutiae.length;
    if (!(quality >= policy.minimumQuality))
      problems.push({ reason: 'low-quality', touch, measured: quality, required: policy.minimumQuality });
    else if (count < policy.minimumMinutiae)
      problems.push({ reason: 'few-minutiae', touch, measured: count, required: policy.minimumMinutiae });
    else good.push(touch);
  }
  return [...problems, ...strangers(touches, good, comparison)];
}

/**
 * The touches that do not belong to the main group, where a group is held together by pairs that match: so that one
 * poor overlap between two touches does no harm, and two fingers mixed half and half are noticed too.
 */
function strangers(
  touches: readonly TouchTemplate[],
  good: readonly number[],
  { score, consistentFrom }: TouchComparison,
): EnrolmentProblem[] {
  const closest = new Map(good.map((touch) => [touch, 0]));
  let groups = good.map((touch) => [touch]);
  for (const a of good)
    for (const b of good) {
      if (b <= a) continue;
      const alike = score(touches[a], touches[b]);
      for (const touch of [a, b]) if (alike > (closest.get(touch) ?? 0)) closest.set(touch, alike);
      if (!(alike >= consistentFrom)) continue;
      const joined = groups.filter((group) => group.includes(a) || group.includes(b));
      groups = [...groups.filter((group) => !joined.includes(group)), joined.flat()];
    }
  const quality = (group: readonly number[]): number => Math.max(...group.map((touch) => touches[touch].quality));
  return groups
    .toSorted((one, other) => other.length - one.length || quality(other) - quality(one))
    .slice(1)
    .flat()
    .toSorted((a, b) => a - b)
    .map((touch) => ({
      reason: 'unlike-the-others',
      touch,
      measured: closest.get(touch) ?? 0,
      required: consistentFrom,
    }));
}

/** The enrolled finger that one of the touches is most like, if it is like enough to be the same one. */
export function duplicateOf(
  touches: readonly TouchTemplate[],
  enrolled: readonly Person[],
  except: Finger | undefined,
  { score, duplicateFrom }: TouchComparison,
): Extract<EnrolmentResult, { kind: 'duplicate' }> | undefined {
  let best: Extract<EnrolmentResult, { kind: 'duplicate' }> | undefined;
  for (const person of enrolled)
    for (const finger of person.fingers) {
      if (finger.id === except?.id) continue;
      for (const { template } of finger.templates)
        for (const [touch, probe] of touches.entries()) {
          const alike = score(probe, template);
          if (alike >= duplicateFrom && alike > (best?.score ?? -Infinity))
            best = { kind: 'duplicate', touch, score: alike, person, finger };
        }
    }
  return best;
}
