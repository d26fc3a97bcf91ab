import type { EnrolmentProblem, EnrolmentResult } from './enrolment.ts';
import type { EnrolmentRequest, Gallery } from './gallery.ts';

/** A problem that one touch has, which can be left out. */
export type TouchProblem = Extract<EnrolmentProblem, { touch: number }>;

export interface GoodEnrolment {
  readonly result: EnrolmentResult;
  /** What was left out; `touch` counts in the order the touches were given. */
  readonly leftOut: readonly TouchProblem[];
}

/** Enrols as a technician would: touches that the gallery refuses are left out, as long as enough others remain. */
export function enrolGoodTouches(gallery: Gallery, request: EnrolmentRequest): GoodEnrolment {
  const result = gallery.enrol(request);
  if (result.kind !== 'retry') return { result, leftOut: [] };
  const leftOut = result.problems.filter((problem): problem is TouchProblem => 'touch' in problem);
  const bad = new Set(leftOut.map(({ touch }) => touch));
  return {
    result: gallery.enrol({ ...request, touches: request.touches.filter((_, touch) => !bad.has(touch)) }),
    leftOut,
  };
}
