import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseScoreCalibration, type ScoreCalibration } from '../device/matching/decision/score-calibration.ts';
import { comparisonTable } from './comparison-table.ts';
import { errorRates } from './error-rates.ts';
import { comparisonsOf, type SetMeasurement } from './evaluation.ts';
import { fitScores } from './fit-scores.ts';

/** Digits that a calibration keeps of each number: more than the data know. */
const DIGITS = 6;

/**
 * Makes a calibration of what was measured, with the description of the data: numbers only, nothing of a print.
 *
 * @throws CalibrationError `calibration.too-few-comparisons`
 */
export async function calibrateScores(
  measurements: readonly SetMeasurement[],
  matcher: string,
): Promise<ScoreCalibration> {
  const { comparisons } = comparisonsOf(measurements, matcher, 'pairs');
  const fit = fitScores(comparisons);
  const sets = measurements.map((one) => {
    const { genuine, impostor } = errorRates(comparisonsOf([one], matcher, 'pairs').comparisons);
    return { name: one.set.name, images: one.set.prints.length, fingers: one.set.fingers.length, genuine, impostor };
  });
  return parseScoreCalibration({
    version: 1,
    matcher,
    llr: fit.llr.map(rounded),
    fmr: fit.fmr.map(rounded),
    tailScale: digits(fit.tailScale),
    cllr: digits(fit.cllr),
    minCllr: digits(fit.minCllr),
    data: {
      sets,
      genuine: sets.reduce((sum, { genuine }) => sum + genuine, 0),
      impostor: sets.reduce((sum, { impostor }) => sum + impostor, 0),
      printsSha256: await hashOfPrints(measurements),
      scoresSha256: hashOfScores(measurements),
      whorl: await versionOfWhorl(),
    },
  });
}

/** Tells the extractor and the matcher: any change of theirs changes some score of some pair. */
export function hashOfScores(measurements: readonly SetMeasurement[]): string {
  return createHash('sha256').update(comparisonTable(measurements)).digest('hex');
}

async function hashOfPrints(measurements: readonly SetMeasurement[]): Promise<string> {
  const hash = createHash('sha256');
  for (const { set } of measurements)
    for (const { file, path } of set.prints) {
      hash.update(`${set.name}/${file}\0`);
      hash.update(
        createHash('sha256')
          .update(await readFile(path))
          .digest(),
      );
    }
  return hash.digest('hex');
}

async function versionOfWhorl(): Promise<string> {
  const text = await readFile(join(import.meta.dirname, '../package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function rounded([score, value]: readonly [number, number]): [number, number] {
  return [digits(score), digits(value)];
}

function digits(value: number): number {
  return Number(value.toPrecision(DIGITS));
}
