import type { ScoreCalibration } from './score-calibration.ts';

/** The curves of a calibration. */
export type ScoreCurves = Pick<ScoreCalibration, 'llr' | 'fmr' | 'tailScale'>;

/**
 * How much a statement on false matches rests on: seen in the calibration's own comparisons; drawn on beyond them, no
 * further (in decades) than the tail was seen; or further than that.
 */
export type Support = 'measured' | 'extrapolated' | 'beyond-data';

/** What a comparison score says. */
export interface Evidence {
  readonly score: number;
  /**
   * Natural logarithm of how many times likelier the score is from the same finger than from another one. It stops
   * rising where the modelled false match rate falls to `LEAST_FMR`.
   */
  readonly llr: number;
  /** Estimated share of comparisons of different fingers that score at least as high. */
  readonly fmr: number;
  readonly support: Support;
}

/** No budget needs a smaller false match rate: 10,000 templates, 10,000 touches a day, for 27,000 years. */
export const LEAST_FMR = 1e-15;

/** No false match in N comparisons proves, with 95 % confidence, a rate of at most 3 in N (the rule of three). */
const RULE_OF_THREE = 3;

/** Where the tail of the impostors' scores begins: the part of it that is rare, as a false match rate. */
export const TAIL_FMR = 0.01;

/** What the score says. A score that is not a number says nothing in favour. */
export function evidenceOf(calibration: ScoreCalibration, score: number): Evidence {
  const fmr = fmrAt(calibration, score);
  return { score, llr: llrAt(calibration, score), fmr, support: supportOf(calibration, fmr) };
}

/** The natural logarithm of the likelihood ratio; never falls as the score rises. */
export function llrAt(calibration: ScoreCurves, score: number): number {
  const { llr, tailScale } = calibration;
  const [lastScore, lastLlr] = llr[llr.length - 1];
  if (!(score > lastScore)) return interpolated(llr, score);
  // Far out same fingers score as they like while others die away: the ratio grows as the impostors' tail falls.
  return lastLlr + (Math.min(score, Math.max(scoreAtFmr(calibration, LEAST_FMR), lastScore)) - lastScore) / tailScale;
}

/** The false match rate of a threshold at this score, at least `LEAST_FMR`. */
export function fmrAt({ fmr, tailScale }: ScoreCurves, score: number): number {
  const [lastScore, lastFmr] = fmr[fmr.length - 1];
  if (score > lastScore) return Math.max(LEAST_FMR, lastFmr * Math.exp(-(score - lastScore) / tailScale));
  return Math.exp(interpolated(logarithms(fmr), score));
}

/** The score from which on the false match rate is at most `rate`: the inverse of `fmrAt`. */
export function scoreAtFmr({ fmr, tailScale }: ScoreCurves, rate: number): number {
  const wanted = Math.max(rate, LEAST_FMR);
  const [lastScore, lastFmr] = fmr[fmr.length - 1];
  if (wanted < lastFmr) return lastScore + tailScale * Math.log(lastFmr / wanted);
  return interpolated(
    logarithms(fmr).map(([score, logarithm]) => [-logarithm, score] as const),
    -Math.log(wanted),
  );
}

/** What a false match rate rests on. */
export function supportOf(calibration: ScoreCalibration, fmr: number): Support {
  if (fmr >= provenFmr(calibration)) return 'measured';
  return fmr >= reachOf(calibration) ? 'extrapolated' : 'beyond-data';
}

/** The smallest false match rate that the calibration's comparisons can prove. */
export function provenFmr({ data }: ScoreCalibration): number {
  return Math.min(1, RULE_OF_THREE / data.impostor);
}

/** As far again beyond the data, in decades, as the tail was seen in them. */
export function reachOf(calibration: ScoreCalibration): number {
  const proven = provenFmr(calibration);
  return Math.min(proven, proven ** 2 / TAIL_FMR);
}

function logarithms(knots: ScoreCalibration['fmr']): (readonly [number, number])[] {
  return knots.map(([score, value]) => [score, Math.log(value)] as const);
}

/** On straight lines between the knots, level outside them; the first knot's value for NaN. */
function interpolated(knots: readonly (readonly [number, number])[], at: number): number {
  const next = knots.findIndex(([place]) => place >= at);
  if (next === 0 || Number.isNaN(at)) return knots[0][1];
  if (next === -1) return knots[knots.length - 1][1];
  const [fromPlace, fromValue] = knots[next - 1];
  const [toPlace, toValue] = knots[next];
  return fromValue + ((toValue - fromValue) * (at - fromPlace)) / (toPlace - fromPlace);
}
