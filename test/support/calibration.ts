import { parseScoreCalibration, type ScoreCalibration } from '../../device/matching/decision/score-calibration.ts';

/**
 * A calibration whose figures can be worked out by hand: the false match rate is 10 to the power of -score, measured to
 * a thousandth on 30,000 comparisons and drawn on beyond; the likelihood ratio is 10 to the power of score - 1.
 */
export function decimalCalibration(): ScoreCalibration {
  const hash = '0'.repeat(64);
  return parseScoreCalibration({
    version: 1,
    matcher: 'made-up',
    llr: [0, 1, 2, 3].map((score) => [score, (score - 1) * Math.LN10]),
    fmr: [0, 1, 2, 3].map((score) => [score, 10 ** -score]),
    tailScale: 1 / Math.LN10,
    cllr: 0.1,
    minCllr: 0.1,
    data: { sets: [], genuine: 1000, impostor: 30_000, printsSha256: hash, scoresSha256: hash, whorl: '0.0.0' },
  });
}
