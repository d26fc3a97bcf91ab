import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseScoreCalibration, type ScoreCalibration } from '../device/matching/decision/score-calibration.ts';
import { comparisonTable } from './comparison-table.ts';
import { errorRates, type Comparisons } from './error-rates.ts';
import { comparisonsOf, type SetMeasurement } from './evaluation.ts';
import { fitScores } from './fit-scores.ts';

/** More digits than the data know. */
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
  const parts = measurements.map((one) => comparisonsOf([one], matcher, 'pairs').comparisons);
  const { comparisons } = comparisonsOf(measurements, matcher, 'pairs');
  const data = { ...countsOf(measurements, parts), ...(await hashesOf(measurements)) };
  return calibrationOf(matcher, comparisons, data);
}

/**
 * What a matcher's scores mean.
 *
 * @throws CalibrationError `calibration.too-few-comparisons`
 */
export function calibrationOf(
  matcher: string,
  comparisons: Comparisons,
  data: ScoreCalibration['data'],
): ScoreCalibration {
  const fit = fitScores(comparisons);
  return parseScoreCalibration({
    version: 1,
    matcher,
    llr: fit.llr.map(rounded),
    fmr: fit.fmr.map(rounded),
    tailScale: digits(fit.tailScale),
    cllr: digits(fit.cllr),
    minCllr: digits(fit.minCllr),
    data,
  });
}

/** How many comparisons of each set a calibration rests on. */
export function countsOf(
  measurements: readonly SetMeasurement[],
  comparisons: readonly Comparisons[],
): Pick<ScoreCalibration['data'], 'sets' | 'genuine' | 'impostor'> {
  const sets = measurements.map(({ set }, s) => {
    const { genuine, impostor } = errorRates(comparisons[s]);
    return { name: set.name, images: set.prints.length, fingers: set.fingers.length, genuine, impostor };
  });
  return {
    sets,
    genuine: sets.reduce((sum, { genuine }) => sum + genuine, 0),
    impostor: sets.reduce((sum, { impostor }) => sum + impostor, 0),
  };
}

export type DataHashes = Pick<ScoreCalibration['data'], 'printsSha256' | 'scoresSha256' | 'whorl'>;

/** Tells the prints and what made scores of them. */
export async function hashesOf(measurements: readonly SetMeasurement[]): Promise<DataHashes> {
  return {
    printsSha256: await hashOfPrints(measurements),
    scoresSha256: hashOfScores(measurements),
    whorl: await versionOfWhorl(),
  };
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

/** As many digits as a calibration keeps. */
export function digits(value: number): number {
  return Number(value.toPrecision(DIGITS));
}
