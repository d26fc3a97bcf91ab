import type { TouchTemplate } from '../device/gallery/template-codec.ts';
import { MtmMatcher } from '../device/matching/mtm/matcher.ts';
import { CalibrationError } from './errors.ts';

/** A way to compare touches, as the evaluation sees it. */
export interface ComparisonMethod {
  /** Score of a comparison with a print that could not be acquired: below every score of two acquired prints. */
  readonly lowest: number;
  /** Prepares all touches once and gives the score of a probe against a reference, both by their place in `touches`. */
  comparerOf(touches: readonly TouchTemplate[]): (probe: number, reference: number) => number;
}

/** The matchers that can be evaluated, by the name that they have on the command line and in results. */
const METHODS: Readonly<Record<string, ComparisonMethod>> = {
  minutiae: {
    lowest: -1,
    comparerOf(touches) {
      const matcher = new MtmMatcher();
      const prepared = touches.map(({ minutiae }) => matcher.prepare(minutiae));
      return (probe, reference) => matcher.score(prepared[probe], prepared[reference]);
    },
  },
};

/** @throws CalibrationError `calibration.unknown-matcher` */
export function comparisonMethod(name: string): ComparisonMethod {
  const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  if (method === undefined)
    throw new CalibrationError(
      'calibration.unknown-matcher',
      `there is no matcher called ${name}: choose from ${Object.keys(METHODS).join(', ')}`,
    );
  return method;
}
