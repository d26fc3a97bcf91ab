import type { TouchComparison } from './gallery/enrolment.ts';
import type { TouchTemplate } from './gallery/template-codec.ts';
import { scoreAtFmr } from './matching/decision/evidence.ts';
import type { ScoreCalibration } from './matching/decision/score-calibration.ts';
import type { MtmMatcher } from './matching/mtm/matcher.ts';
import type { MtmTemplate } from './matching/mtm/template.ts';

/** Touches of one enrolment belong together when so few touches of other fingers would be as alike. */
const CONSISTENT_FMR = 1e-2;

/** A finger is taken for one that is enrolled already when so few other fingers would be as alike. */
const DUPLICATE_FMR = 1e-6;

/** How the gallery compares touches when it enrols them. */
export function touchComparison(matcher: MtmMatcher, calibration: ScoreCalibration): TouchComparison {
  const prepared = new WeakMap<TouchTemplate, MtmTemplate>();
  const prepare = (touch: TouchTemplate): MtmTemplate => {
    const done = prepared.get(touch) ?? matcher.prepare(touch.minutiae);
    prepared.set(touch, done);
    return done;
  };
  return {
    score: (probe, reference) => matcher.score(prepare(probe), prepare(reference)),
    consistentFrom: scoreAtFmr(calibration, CONSISTENT_FMR),
    duplicateFrom: scoreAtFmr(calibration, DUPLICATE_FMR),
  };
}
