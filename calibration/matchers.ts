import type { TouchTemplate } from '../device/gallery/template-codec.ts';
import { type Part, PARTS } from '../device/matching/fusion/parts.ts';
import { MtmMatcher } from '../device/matching/mtm/matcher.ts';
import { CalibrationError } from './errors.ts';

/** A way to compare touches, as the evaluation sees it. */
export interface ComparisonMethod {
  /** Score of a comparison with a print that could not be acquired: below every score of two acquired prints. */
  readonly lowest: number;
  /** Prepares all touches once and gives the score of a probe against a reference, both by their place in `touches`. */
  comparerOf(touches: readonly TouchTemplate[]): (probe: number, reference: number) => number;
}

/** Everything that can be evaluated, by the name that it has on the command line and in results. */
export const FUSED = 'fused';
const NAMES: readonly string[] = [...PARTS, FUSED];

/** Scores of a comparison with a print that could not be acquired: below every other. */
export const LOWEST: Readonly<Record<Part | typeof FUSED, number>> = {
  minutiae: -1,
  siamese: -1,
  latent: -2,
  fused: -1e3,
};

/** Those that compare templates by themselves, in the evaluation's threads; the others need the networks. */
const METHODS: Readonly<Record<string, ComparisonMethod>> = {
  minutiae: {
    lowest: LOWEST.minutiae,
    comparerOf(touches) {
      const matcher = new MtmMatcher();
      const prepared = touches.map(({ minutiae }) => matcher.prepare(minutiae));
      return (probe, reference) => matcher.score(prepared[probe], prepared[reference]);
    },
  },
};

/**
 * The parts that these matchers' scores are made of.
 * @throws CalibrationError `calibration.unknown-matcher`
 */
export function partsFor(matchers: readonly string[]): Part[] {
  const unknown = matchers.find((name) => !NAMES.includes(name));
  if (unknown !== undefined)
    throw new CalibrationError(
      'calibration.unknown-matcher',
      `there is no matcher called ${unknown}: choose from ${NAMES.join(', ')}`,
    );
  return PARTS.filter((part) => matchers.includes(part) || matchers.includes(FUSED));
}

/** @throws CalibrationError `calibration.unknown-matcher` */
export function comparisonMethod(name: string): ComparisonMethod {
  const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  if (method !== undefined) return method;
  throw new CalibrationError('calibration.unknown-matcher', `${name} does not compare templates by itself`);
}
