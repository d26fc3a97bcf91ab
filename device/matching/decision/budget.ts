import { DecisionError } from './errors.ts';
import { LEAST_FMR, llrAt, provenFmr, reachOf, scoreAtFmr, type Support, supportOf } from './evidence.ts';
import type { ScoreCalibration } from './score-calibration.ts';

/** What an operator accepts: one stranger let in, in so many years, at a door that is touched so often. */
export interface Budget {
  readonly years: number;
  readonly touchesPerDay: number;
  /** Share of the touches that are of people who are not enrolled, 0 to 1; 1 is the worst case. */
  readonly strangerShare: number;
}

/** A busy office door where every twentieth touch is a visitor's, a prankster's or a thief's. */
export const DEFAULT_BUDGET: Budget = { years: 10, touchesPerDay: 200, strangerShare: 0.05 };

const DAYS_PER_YEAR = 365.25;

/** The least evidence that opens the door. */
export interface Threshold {
  readonly score: number;
  /** Natural logarithm of the likelihood ratio at `score`. */
  readonly llr: number;
  /** The false match rate that one comparison may have. */
  readonly fmr: number;
  readonly support: Support;
}

/**
 * The threshold that keeps a budget.
 *
 * Every template counts as a chance of its own to be mistaken for the touch, although those of one finger go wrong
 * together: the true rate of false accepts is lower. An enrolled person taken for another one is not a false accept
 * here; the margin to the second person guards against that.
 *
 * @param templates compared with each touch: the gallery's for identification, the claimed person's for verification
 * @throws DecisionError `decision.bad-budget`
 */
export function thresholdFor(calibration: ScoreCalibration, budget: Budget, templates: number): Threshold {
  const { years, touchesPerDay, strangerShare } = budget;
  const fmr = 1 / comparisonsOf(budget, templates);
  const sensible = years > 0 && touchesPerDay > 0 && strangerShare > 0 && strangerShare <= 1 && templates >= 0;
  if (!sensible || !(fmr >= LEAST_FMR))
    throw new DecisionError(
      'decision.bad-budget',
      `one false accept in ${years} years at ${touchesPerDay} touches a day, ${strangerShare} of them strangers', and ` +
        `${templates} templates gives no threshold: use positive numbers of a size that a door can have`,
    );
  const score = scoreAtFmr(calibration, fmr);
  return { score, llr: llrAt(calibration, score), fmr, support: supportOf(calibration, fmr) };
}

/** The comparisons with strangers' touches among which one may be a false match. */
function comparisonsOf(budget: Budget, templates: number): number {
  return Math.max(1, strangerTouches(budget) * Math.max(1, templates));
}

function strangerTouches({ years, touchesPerDay, strangerShare }: Budget): number {
  return years * DAYS_PER_YEAR * touchesPerDay * strangerShare;
}

/** The same arithmetic in words, one sentence a line, for the operator. */
export function explainBudget(calibration: ScoreCalibration, budget: Budget, templates: number): string[] {
  const threshold = thresholdFor(calibration, budget, templates);
  const touches = strangerTouches(budget);
  const proven = provenFmr(calibration);
  return [
    `You accept one stranger let in, in ${plain(budget.years)} years.`,
    `At ${plain(budget.touchesPerDay)} touches a day, ${plain(100 * budget.strangerShare)} % of them strangers’, ` +
      `that is among ${plain(touches)} strangers’ touches.`,
    `Each is compared with ${plain(templates)} templates: ${plain(comparisonsOf(budget, templates))} comparisons, ` +
      `of which one may be a false match: ${oneIn(threshold.fmr)}.`,
    `So a comparison must score ${threshold.score.toFixed(2)} or more: evidence of ${threshold.llr.toFixed(1)} ` +
      '(natural logarithm of the likelihood ratio).',
    `The calibration rests on ${plain(calibration.data.impostor)} comparisons of different fingers, ` +
      `which prove at best ${oneIn(proven)}.`,
    SUPPORT_SENTENCES[threshold.support](oneIn(reachOf(calibration))),
  ];
}

const SUPPORT_SENTENCES: Readonly<Record<Support, (reach: string) => string>> = {
  measured: () => 'The budget lies within what was measured.',
  extrapolated: () =>
    'The budget asks for more than was measured: the threshold is drawn on along the tail of those scores, on its slow side.',
  'beyond-data': (reach) =>
    `The budget asks for more than the data can carry (about ${reach}): the threshold is stricter, yet nobody has shown ` +
    'that the promise holds. Calibrate on more fingers, or ask for fewer years.',
};

function oneIn(rate: number): string {
  return `1 in ${plain(1 / rate)}`;
}

/** Three digits that count, in groups. */
function plain(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en', { maximumSignificantDigits: 3 });
}
