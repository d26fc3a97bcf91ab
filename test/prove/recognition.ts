import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { benchRecognition } from '../../calibration/bench-recognition.ts';
import { operatingPoints, pointAtFmr } from '../../calibration/error-rates.ts';
import {
  comparisonsOf,
  Evaluation,
  type ProtocolName,
  report,
  type SetMeasurement,
  type SetReport,
} from '../../calibration/evaluation.ts';
import { spread } from '../../calibration/figures.ts';
import { readPrintSet } from '../../calibration/print-set.ts';
import { decodeImage } from '../../device/imaging/decode.ts';
import { scoreAtFmr } from '../../device/matching/decision/evidence.ts';
import { readScoreCalibration } from '../../device/score-calibration.ts';
import { realData } from '../support/data.ts';
import { judged, skipped, type Claim, type ProofOptions } from './claim.ts';
import { PEER_MATCHERS, PEER_POOLS, PEER_SETS, type PeerRates } from './peers.ts';
import { provePoses } from './poses.ts';
import { proveSuites } from './suites.ts';

const MATCHER = 'minutiae';
const WINDOWS = ['', '-256x288', '-192x192'] as const;
const ISO_SETS = ['fvc2002-db1', 'fvc2002-db3', 'fvc2004-db2', 'fvc2004-db3'] as const;
/** The thermal sweep sensor's images; everything else, its windows too, has 500. */
const OTHER_DPI: Readonly<Record<string, number>> = { 'fvc2004-db3': 512 };
const PROTOCOLS: readonly ProtocolName[] = ['pairs', 'touches4'];

/** Recognition by minutiae: error rates, template size, speed, poses, and the suites that show the rest. */
export async function prove({ quick, onStage }: ProofOptions): Promise<Claim[]> {
  const evaluation = new Evaluation({ matchers: [MATCHER], jobs: availableParallelism() });
  try {
    const full = await measureImages(evaluation, '', onStage);
    const claims = await proveImages(full);
    for (const window of WINDOWS.slice(1))
      claims.push(
        ...(quick
          ? [skipped(`window ${window.slice(1)}`, 'left out by --quick')]
          : provePool(await measureImages(evaluation, window, onStage), window)),
      );
    claims.push(...(await proveMatcher(evaluation, onStage)));
    onStage('speed');
    claims.push(...(await proveSpeed()));
    onStage('poses');
    claims.push(...(await provePoses(full, thresholdAt01(full), quick ? 4 : 20)));
    claims.push(...(await proveSuites(quick, onStage)));
    return claims;
  } finally {
    await evaluation.close();
  }
}

/** The six sets in one window; none at all where one is missing. */
async function measureImages(
  evaluation: Evaluation,
  window: string,
  onStage: ProofOptions['onStage'],
): Promise<SetMeasurement[]> {
  const folders = PEER_SETS.map(({ set }) => realData(`images/${set}${window}`));
  const measurements: SetMeasurement[] = [];
  for (const folder of folders) {
    if (folder === undefined) return [];
    const set = readPrintSet(folder, 500);
    onStage(`error rates of ${set.name}`);
    measurements.push(await evaluation.measure({ ...set, dpi: OTHER_DPI[set.name] ?? set.dpi }));
  }
  return measurements;
}

async function proveImages(measurements: readonly SetMeasurement[]): Promise<Claim[]> {
  if (measurements.length === 0) return [skipped('error rates on real prints', 'no data')];
  const perSet = measurements.map((one, s) => {
    const { nbis, sourceAfis } = PEER_SETS[s];
    const rates = ratesOf(report([one]), 'pairs');
    return judged(
      `${one.set.name}, pairs: below NBIS`,
      told(rates),
      `NBIS ${told(nbis)}, SourceAFIS ${told(sourceAfis)}`,
      rates.eer < nbis.eer && rates.fnmrAtFmr01 < nbis.fnmrAtFmr01,
    );
  });
  const pool = report(measurements);
  const rates = ratesOf(pool, 'pairs');
  const { mean, max } = pool.templateBytes;
  return [
    ...perSet,
    judged(
      'pooled, pairs: at most 4.2 / 9',
      told(rates),
      'EER / FNMR at FMR 0.1 %',
      rates.eer <= 4.2 && rates.fnmrAtFmr01 <= 9,
    ),
    ...provePool(measurements, ''),
    judged('template of minutiae: mean at most 400 B', `${Number(mean).toFixed(0)} B`, '', Number(mean) <= 400),
    judged('template of minutiae: never above 600 B', `${Number(max)} B`, '', Number(max) <= 600),
    await proveCalibration(measurements),
  ];
}

/** The shipped calibration must be of this extractor and this matcher, or its thresholds promise something else. */
async function proveCalibration(measurements: readonly SetMeasurement[]): Promise<Claim> {
  const threshold = scoreAtFmr(await readScoreCalibration(), 0.001);
  const { scores, references, probes } = comparisonsOf(measurements, MATCHER, 'pairs').comparisons;
  const impostor = scores.filter((_, i) => references[i] !== probes[i]);
  const fmr = (100 * impostor.filter((score) => score >= threshold).length) / impostor.length;
  const claim = 'the shipped calibration’s threshold for FMR 0.1 % gives 0.08 to 0.12 %';
  return judged(claim, `${fmr.toFixed(3)} %`, `score ${threshold.toFixed(3)}`, fmr >= 0.08 && fmr <= 0.12);
}

function provePool(measurements: readonly SetMeasurement[], window: (typeof WINDOWS)[number]): Claim[] {
  const where = window === '' ? 'full images' : `window ${window.slice(1)}`;
  if (measurements.length === 0) return [skipped(where, 'no data')];
  const pool = report(measurements);
  return PROTOCOLS.map((protocol) => {
    const { nbis, sourceAfis } = PEER_POOLS[window][protocol];
    const rates = ratesOf(pool, protocol);
    return {
      claim: `${where} pooled, ${protocol}`,
      figure: told(rates),
      bar: `NBIS ${told(nbis)}, SourceAFIS ${told(sourceAfis)}`,
      verdict: 'told',
    };
  });
}

async function proveMatcher(evaluation: Evaluation, onStage: ProofOptions['onStage']): Promise<Claim[]> {
  const claim = 'matcher alone on ISO records of others, mean of four sets: at most 4.3 / 12';
  const rates: PeerRates[] = [];
  for (const name of ISO_SETS) {
    const folder = realData(`minutiae/${name}-secugen-iso`);
    if (folder === undefined) return [skipped(claim, 'no data')];
    onStage(`matcher on ${name}`);
    rates.push(ratesOf(report([await evaluation.measure(readPrintSet(folder, 500))]), 'pairs'));
  }
  const mean = (of: (one: PeerRates) => number): number => rates.reduce((sum, one) => sum + of(one), 0) / rates.length;
  const means = { eer: mean(({ eer }) => eer), fnmrAtFmr01: mean(({ fnmrAtFmr01 }) => fnmrAtFmr01) };
  const bar = `bozorth3 ${told(PEER_MATCHERS.bozorth3)}, SourceAFIS ${told(PEER_MATCHERS.sourceAfis)}`;
  return [judged(claim, told(means), bar, means.eer <= 4.3 && means.fnmrAtFmr01 <= 12)];
}

async function proveSpeed(): Promise<Claim[]> {
  const folder = realData('images/fvc2002-db3');
  if (folder === undefined) return [skipped('speed on pictures of 300 × 300', 'no data')];
  const files = readdirSync(folder).sort().slice(0, PICTURES);
  const images = await Promise.all(files.map(async (file) => decodeImage(await readFile(join(folder, file)))));
  const { extraction, comparison } = benchRecognition(images, ROUNDS);
  const [extract, compare] = [spread(extraction.rounds), spread(comparison.rounds)];
  const range = ({ min, max }: { min: number; max: number }, digits: number): string =>
    `${min.toFixed(digits)} to ${max.toFixed(digits)}`;
  return [
    judged(
      'extraction of 300 × 300, median: at most 40 ms',
      `${extract.median.toFixed(1)} ms`,
      range(extract, 1),
      extract.median <= 40,
    ),
    judged(
      'comparisons a second on one core, median: at least 1,000',
      compare.median.toFixed(0),
      range(compare, 0),
      compare.median >= 1000,
    ),
  ];
}

const PICTURES = 24;
const ROUNDS = 9;

function thresholdAt01(measurements: readonly SetMeasurement[]): number {
  return pointAtFmr(operatingPoints(comparisonsOf(measurements, MATCHER, 'pairs').comparisons), 0.001).threshold;
}

function ratesOf({ matchers }: SetReport, protocol: ProtocolName): PeerRates {
  const { eer, fnmrAtFmr01 } = matchers[MATCHER][protocol];
  return { eer: eer ?? NaN, fnmrAtFmr01: fnmrAtFmr01 ?? NaN };
}

function told({ eer, fnmrAtFmr01 }: PeerRates): string {
  return `${eer.toFixed(2)} / ${fnmrAtFmr01.toFixed(2)}`;
}
