import { reachOf, type Evidence } from '../matching/decision/evidence.ts';
import type { ScoreCalibration } from '../matching/decision/score-calibration.ts';

/** What a false match rate means, for people. Beyond what the data carry only a bound can be told. */
export function rarity(calibration: ScoreCalibration, { fmr, support }: Evidence): string {
  if (support === 'beyond-data')
    return `a stranger's finger scores as high more rarely than in ${share(reachOf(calibration))} comparisons`;
  return `a stranger's finger scores as high in ${share(fmr)} comparisons (${support})`;
}

function share(fmr: number): string {
  return `1 in ${Number((1 / fmr).toPrecision(2)).toLocaleString('en')}`;
}
