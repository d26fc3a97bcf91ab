import { type Evidence, evidenceOf } from './evidence.ts';
import type { ScoreCalibration } from './score-calibration.ts';
import type { Threshold } from './budget.ts';

/** A touch's scores against everything that is enrolled of one person. */
export interface PersonScores<Person, Finger> {
  readonly person: Person;
  readonly fingers: readonly { readonly finger: Finger; readonly scores: ArrayLike<number> }[];
}

/** A person and how much speaks for them: the best of their fingers' touches. */
export interface Candidate<Person, Finger> {
  readonly person: Person;
  readonly finger: Finger;
  /** Place of the touch among the finger's scores. */
  readonly touch: number;
  readonly evidence: Evidence;
}

/** What a touch was decided to be. `margin` is the difference in evidence between the first person and the second. */
export type Decision<Person, Finger> =
  | {
      readonly kind: 'match';
      readonly candidate: Candidate<Person, Finger>;
      readonly second?: Candidate<Person, Finger>;
      readonly margin: number;
    }
  | {
      readonly kind: 'no-match';
      readonly reason: 'too-little-evidence';
      readonly candidate: Candidate<Person, Finger>;
      readonly second?: Candidate<Person, Finger>;
      readonly margin: number;
    }
  | {
      readonly kind: 'ambiguous';
      readonly reason: 'second-person-too-close';
      readonly candidate: Candidate<Person, Finger>;
      readonly second: Candidate<Person, Finger>;
      readonly margin: number;
    }
  /** There is nothing to compare with. */
  | { readonly kind: 'no-match'; readonly reason: 'nobody-enrolled' };

/** The first person must be a hundred times likelier than the second: both may be enrolled with one finger, or look alike. */
export const LEAST_MARGIN = Math.log(100);

/**
 * Decides whose touch this is: identification (1:N) among all who are enrolled, verification (1:1) among the claimed
 * person alone.
 *
 * Of several enrolled touches and fingers of a person the best score counts. Means and sums were tried on the development
 * sets and were worse in every window size: scores of a stranger against touches of one finger rise together, and a
 * touch that overlaps only one of the enrolled would lose by the others. The threshold counts every template, so
 * the best of many needs no correction here.
 */
export function identify<Person, Finger>(
  calibration: ScoreCalibration,
  threshold: Threshold,
  people: Iterable<PersonScores<Person, Finger>>,
): Decision<Person, Finger> {
  let first: Best<Person, Finger> | undefined;
  let second: Best<Person, Finger> | undefined;
  for (const scores of people) {
    const best = bestOf(scores);
    if (best === undefined) continue;
    if (first === undefined || best.score > first.score) [first, second] = [best, first];
    else if (second === undefined || best.score > second.score) second = best;
  }
  if (first === undefined) return { kind: 'no-match', reason: 'nobody-enrolled' };
  const candidate = candidateOf(calibration, first);
  if (second === undefined) return judge(threshold, { candidate, margin: Infinity });
  const rival = candidateOf(calibration, second);
  const margin = candidate.evidence.llr - rival.evidence.llr;
  if (candidate.evidence.score >= threshold.score && margin < LEAST_MARGIN)
    return { kind: 'ambiguous', reason: 'second-person-too-close', candidate, second: rival, margin };
  return judge(threshold, { candidate, second: rival, margin });
}

type Found<Person, Finger> = Pick<
  Extract<Decision<Person, Finger>, { kind: 'match' }>,
  'candidate' | 'second' | 'margin'
>;

function judge<Person, Finger>(threshold: Threshold, found: Found<Person, Finger>): Decision<Person, Finger> {
  return found.candidate.evidence.score >= threshold.score
    ? { kind: 'match', ...found }
    : { kind: 'no-match', reason: 'too-little-evidence', ...found };
}

interface Best<Person, Finger> {
  readonly person: Person;
  readonly finger: Finger;
  readonly touch: number;
  readonly score: number;
}

function bestOf<Person, Finger>({ person, fingers }: PersonScores<Person, Finger>): Best<Person, Finger> | undefined {
  let best: Best<Person, Finger> | undefined;
  for (const { finger, scores } of fingers)
    for (let touch = 0; touch < scores.length; touch++) {
      const score = scores[touch];
      if (!Number.isNaN(score) && (best === undefined || score > best.score)) best = { person, finger, touch, score };
    }
  return best;
}

function candidateOf<Person, Finger>(
  calibration: ScoreCalibration,
  { person, finger, touch, score }: Best<Person, Finger>,
): Candidate<Person, Finger> {
  return { person, finger, touch, evidence: evidenceOf(calibration, score) };
}
