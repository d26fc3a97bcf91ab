import {
  beyond,
  FUSION_VERSION,
  type Combination,
  type FusionFile,
  parseFusionFile,
} from '../device/matching/fusion/fusion-file.ts';
import { Fusion } from '../device/matching/fusion/fusion.ts';
import type { ModelIds, Part } from '../device/matching/fusion/parts.ts';
import type { ScoreCalibration } from '../device/matching/decision/score-calibration.ts';
import type { Comparisons } from './error-rates.ts';
import { fusedScores, type SetMeasurement } from './evaluation.ts';
import { COMBINATIONS, fitFusion, type FusionWeights } from './fit-fusion.ts';
import { FUSED } from './matchers.ts';
import { pairIndex } from './pair-index.ts';
import { calibrationOf, countsOf, type DataHashes, digits, hashesOf } from './score-calibration.ts';

/** Whether a finger's comparisons count; of a comparison both must. */
type Among = (finger: string) => boolean;

/**
 * Fits the fusion to what was measured.
 *
 * @param measurements of all parts, as for the matcher `fused`
 * @throws CalibrationError `calibration.too-few-comparisons`
 */
export async function calibrateFusion(measurements: readonly SetMeasurement[], models: ModelIds): Promise<FusionFile> {
  return fit(measurements, models, await hashesOf(measurements), () => true);
}

/** One combination of parts after the other; those that no comparison has are left out. */
function fit(measurements: readonly SetMeasurement[], models: ModelIds, hashes: DataHashes, among: Among): FusionFile {
  const combinations: Combination[] = [];
  for (const parts of COMBINATIONS) {
    const rows = measurements.map((one) => rowsOf(one, parts, among));
    const all = together(rows);
    if (all.genuine.length === 0) continue;
    const fitted = fitFusion(all);
    const offset = digits(fitted.offset);
    const weights = fitted.weights.map(digits);
    const from = fitted.from.map((score) => score && digits(score));
    const summed = rows.map(({ columns, genuine }) => comparisonsOf(columns, genuine, { weights, from, offset }));
    const data = { ...countsOf(measurements, summed), ...hashes };
    const calibration = calibrationOf(
      parts.join('+'),
      comparisonsOf(all.columns, all.genuine, { weights, from, offset }),
      data,
    );
    combinations.push({ parts: [...parts], weights, from, offset, calibration });
  }
  return parseFusionFile({ version: FUSION_VERSION, models, combinations });
}

/**
 * The same measurements with the scores of `fused` from fusions that never saw the probe's finger: fitted on one half of
 * the fingers for the probes of the other, both ways. A finger is in the same half in every set.
 *
 * @param minutiae what scores of minutiae alone mean
 */
export async function crossFused(
  measurements: readonly SetMeasurement[],
  models: ModelIds,
  minutiae: ScoreCalibration,
): Promise<SetMeasurement[]> {
  const half = halvesOf(measurements);
  const hashes = await hashesOf(measurements);
  const fusions = [0, 1].map(
    (tried) =>
      new Fusion(
        minutiae,
        fit(measurements, models, hashes, (finger) => half(finger) !== tried),
      ),
  );
  return measurements.map((one) => {
    const [first, second] = fusions.map((fusion) => fusedScores(fusion, one.parts));
    const scores = first.slice();
    one.set.prints.forEach(({ finger }, probe) => {
      if (half(finger) === 1)
        scores.set(second.subarray(pairIndex(0, probe), pairIndex(0, probe + 1)), pairIndex(0, probe));
    });
    return { ...one, scores: new Map([...one.scores, [FUSED, scores]]) };
  });
}

/** Every other finger, by the order of their names. */
function halvesOf(measurements: readonly SetMeasurement[]): (finger: string) => number {
  const names = [...new Set(measurements.flatMap(({ set }) => set.fingers))].sort();
  const places = new Map(names.map((name, place) => [name, place]));
  return (finger) => (places.get(finger) ?? 0) % 2;
}

interface Rows {
  readonly columns: readonly Float64Array[];
  readonly genuine: Uint8Array;
}

/** The comparisons of a set that have all of these parts. */
function rowsOf({ set, parts: measured }: SetMeasurement, parts: readonly Part[], among: Among): Rows {
  const sources = parts.map((part) => measured.get(part) ?? new Float64Array());
  const kept: number[] = [];
  const genuine: number[] = [];
  set.prints.forEach((probe, p) => {
    if (!among(probe.finger)) return;
    for (let r = 0; r < p; r++) {
      const { finger } = set.prints[r];
      const pair = pairIndex(r, p);
      if (!among(finger) || !sources.every((source) => Number.isFinite(source[pair]))) continue;
      kept.push(pair);
      genuine.push(finger === probe.finger ? 1 : 0);
    }
  });
  return {
    columns: sources.map((source) => Float64Array.from(kept, (pair) => source[pair])),
    genuine: Uint8Array.from(genuine),
  };
}

function together(rows: readonly Rows[]): Rows {
  const columns = rows[0].columns.map((_, part) => Float64Array.from(rows.flatMap((one) => [...one.columns[part]])));
  return { columns, genuine: Uint8Array.from(rows.flatMap(({ genuine }) => [...genuine])) };
}

/** The sums as comparisons of two made-up fingers, since only same or different matters. */
function comparisonsOf(
  columns: readonly Float64Array[],
  genuine: Uint8Array,
  { weights, from, offset }: FusionWeights,
): Comparisons {
  return {
    scores: Float64Array.from(genuine, (_, i) =>
      columns.reduce((sum, column, k) => sum + weights[k] * beyond(column[i], from[k]), offset),
    ),
    references: new Uint32Array(genuine.length),
    probes: Uint32Array.from(genuine, (same) => 1 - same),
  };
}
