import type { Inference } from '../device/inference/inference.ts';
import type { Fusion } from '../device/matching/fusion/fusion.ts';
import type { Part, PartScores } from '../device/matching/fusion/parts.ts';
import type { EvaluationAnswer, EvaluationTask } from './evaluation-worker.ts';
import { CalibrationError } from './errors.ts';
import { eerInterval, errorRates, percentile, type Comparisons } from './error-rates.ts';
import { FUSED, LOWEST, partsFor } from './matchers.ts';
import { neuralScores } from './neural-scores.ts';
import { pairIndex } from './pair-index.ts';
import type { PrintSet } from './print-set.ts';
import { fourTouches, everyPair, type Protocol } from './protocols.ts';
import { WorkerPool } from './worker-pool.ts';

/** Everything that one run over a set measured, before it is summed up. */
export interface SetMeasurement {
  readonly set: PrintSet;
  /** Why prints could not be acquired, by file name. */
  readonly failures: readonly { readonly file: string; readonly reason: string }[];
  /** Milliseconds, one for each extracted image. */
  readonly extractMs: Float64Array;
  /** Microseconds, one for each pair of acquired prints. */
  readonly compareUs: Float64Array;
  /** Bytes, one for each acquired print. */
  readonly templateBytes: Float64Array;
  /** By matcher: the scores of every pair of prints; see `pairIndex`. */
  readonly scores: ReadonlyMap<string, Float64Array>;
  /** What those are made of: NaN where a print could not be acquired or has nothing for that part. */
  readonly parts: ReadonlyMap<Part, Float64Array>;
}

export interface EvaluationOptions {
  readonly matchers: readonly string[];
  /** Number of threads. */
  readonly jobs: number;
  /** Told after each piece of work. */
  readonly onProgress?: (stage: string, done: number, total: number) => void;
  /** For all matchers but minutiae. */
  readonly networks?: {
    readonly inference: Inference;
    /** Directory where their outcome is kept; see `neuralScores`. */
    readonly cache?: string | undefined;
  };
  /** For the matcher `fused`. */
  readonly fusion?: Fusion;
}

/** Runs threads that measure sets one after another; close it after use. */
export class Evaluation {
  private readonly pool: WorkerPool<EvaluationTask, EvaluationAnswer>;
  private readonly options: EvaluationOptions;

  constructor(options: EvaluationOptions) {
    this.options = options;
    this.pool = new WorkerPool(new URL('./evaluation-worker.mjs', import.meta.url), options.jobs);
  }

  /**
   * Acquires every print of a set and compares every pair of them once.
   * @throws CalibrationError `calibration.worker-failed`; `calibration.bad-score` where a matcher gives no number
   */
  async measure(set: PrintSet): Promise<SetMeasurement> {
    const { matchers } = this.options;
    const acquired = await this.pool.run(
      set.prints.map(({ path }) => ({ kind: 'acquire', path, dpi: set.dpi })),
      this.progress(`${set.name}: prints`, set.prints.length),
    );
    const acquisitions = acquired.flatMap((answer) => (answer.kind === 'acquired' ? [answer.acquisition] : []));
    const templates = acquisitions.map((one) => (one.kind === 'acquired' ? one.template : undefined));
    await this.pool.broadcast({ kind: 'load', templates, matchers: ['minutiae'] });

    // The longest rows first, so that no thread is left alone with one at the end.
    const rows = set.prints.map((_, probe) => set.prints.length - 1 - probe);
    const compared = await this.pool.run(
      rows.map((probe) => ({ kind: 'compare', probe })),
      this.progress(`${set.name}: comparisons of prints`, rows.length),
    );
    const pairs = pairIndex(0, set.prints.length);
    const micros = new Float64Array(pairs);
    const minutiae = new Float64Array(pairs);
    compared.forEach((answer, k) => {
      if (answer.kind !== 'compared') return;
      const at = pairIndex(0, rows[k]);
      micros.set(answer.micros, at);
      minutiae.set(answer.scores[0], at);
    });
    if (!minutiae.every(Number.isFinite))
      throw new CalibrationError('calibration.bad-score', 'the matcher minutiae gave a score that is not a number');

    const parts = await this.partsOf(set, minutiae);
    templates.forEach((template, print) => {
      if (template !== undefined) return;
      for (const column of parts.values())
        for (let other = 0; other < set.prints.length; other++)
          if (other !== print) column[pairIndex(Math.min(print, other), Math.max(print, other))] = NaN;
    });
    return {
      set,
      failures: acquisitions.flatMap((one, print) =>
        one.kind === 'failed' ? [{ file: set.prints[print].file, reason: one.reason }] : [],
      ),
      extractMs: Float64Array.from(
        acquisitions.flatMap((one) => (one.kind === 'acquired' && one.extractMs !== undefined ? [one.extractMs] : [])),
      ),
      compareUs: micros.filter((value) => !Number.isNaN(value)),
      templateBytes: Float64Array.from(templates.flatMap((bytes) => (bytes === undefined ? [] : [bytes.length]))),
      scores: new Map(matchers.map((name) => [name, this.scoresOf(name, parts)])),
      parts,
    };
  }

  /** @throws CalibrationError `calibration.no-models` */
  private async partsOf(set: PrintSet, minutiae: Float64Array): Promise<Map<Part, Float64Array>> {
    const { matchers, networks, onProgress } = this.options;
    const wanted = partsFor(matchers);
    const all = new Map<Part, Float64Array>();
    if (wanted.includes('minutiae')) all.set('minutiae', minutiae);
    if (!wanted.some((part) => part !== 'minutiae')) return all;
    if (networks === undefined)
      throw new CalibrationError('calibration.no-models', `${matchers.join(', ')} cannot be evaluated without models`);
    const { inference, cache } = networks;
    const neural = await neuralScores(inference, set, cache, onProgress ?? (() => undefined));
    if (wanted.includes('siamese')) all.set('siamese', neural.siamese);
    if (wanted.includes('latent')) all.set('latent', neural.latent);
    return all;
  }

  private scoresOf(matcher: string, parts: ReadonlyMap<Part, Float64Array>): Float64Array {
    if (matcher === FUSED && this.options.fusion) return fusedScores(this.options.fusion, parts);
    const own = parts.get(matcher as Part) ?? new Float64Array();
    return own.map((score) => (Number.isNaN(score) ? LOWEST[matcher as Part] : score));
  }

  async close(): Promise<void> {
    await this.pool.close();
  }

  private progress(stage: string, total: number): (done: number) => void {
    return (done) => this.options.onProgress?.(stage, done, total);
  }
}

/** Every comparison's parts together. */
export function fusedScores(fusion: Fusion, parts: ReadonlyMap<Part, Float64Array>): Float64Array {
  const length = [...parts.values()].at(0)?.length ?? 0;
  return Float64Array.from({ length }, (_, pair) => {
    const scores: PartScores = Object.fromEntries([...parts].map(([part, column]) => [part, column[pair]]));
    const score = fusion.score(scores);
    return Number.isNaN(score) ? LOWEST.fused : score;
  });
}

/** Error rates of one protocol in percent; null where the set has no such comparisons. */
export interface RatesReport {
  readonly eer: number | null;
  readonly fnmrAtFmr1: number | null;
  readonly fnmrAtFmr01: number | null;
  readonly zeroFmr: number | null;
  readonly genuine: number;
  readonly impostor: number;
  /** 95 % by bootstrap over fingers. */
  readonly eerInterval: readonly [number | null, number | null];
}

export type ProtocolName = 'pairs' | 'touches4';

/** The figures of a set, or of several sets taken together, as `evaluate` prints them. */
export interface SetReport {
  readonly set: string;
  readonly images: number;
  readonly fingers: number;
  readonly failureToAcquire: number;
  readonly extractMs: { readonly p50: number | null; readonly p95: number | null };
  readonly compareUs: { readonly p50: number | null; readonly p95: number | null };
  readonly templateBytes: { readonly mean: number | null; readonly max: number | null };
  readonly matchers: Readonly<Record<string, Readonly<Record<ProtocolName, RatesReport>>>>;
}

export const PROTOCOLS: Readonly<Record<ProtocolName, Protocol>> = { pairs: everyPair, touches4: fourTouches };

/** Name of the report on several sets taken together: all their comparisons, one threshold. */
export const POOL = 'pool';

/**
 * Sums up one measured set, or several together: comparisons within each set only, one threshold for all.
 */
export function report(measurements: readonly SetMeasurement[]): SetReport {
  const extractMs = joined(measurements.map((one) => one.extractMs)).sort();
  const compareUs = joined(measurements.map((one) => one.compareUs)).sort();
  const templateBytes = joined(measurements.map((one) => one.templateBytes));
  const names = [...(measurements.at(0)?.scores.keys() ?? [])];
  return {
    set: measurements.length === 1 ? measurements[0].set.name : POOL,
    images: total(measurements.map(({ set }) => set.prints.length)),
    fingers: total(measurements.map(({ set }) => set.fingers.length)),
    failureToAcquire: total(measurements.map(({ failures }) => failures.length)),
    extractMs: { p50: figure(percentile(extractMs, 0.5)), p95: figure(percentile(extractMs, 0.95)) },
    compareUs: { p50: figure(percentile(compareUs, 0.5)), p95: figure(percentile(compareUs, 0.95)) },
    templateBytes: {
      mean: figure(total(templateBytes) / templateBytes.length),
      max: templateBytes.length > 0 ? templateBytes.reduce((a, b) => Math.max(a, b)) : null,
    },
    matchers: Object.fromEntries(
      names.map((name) => [
        name,
        { pairs: rates(measurements, name, 'pairs'), touches4: rates(measurements, name, 'touches4') },
      ]),
    ),
  };
}

function rates(measurements: readonly SetMeasurement[], matcher: string, protocol: ProtocolName): RatesReport {
  const { comparisons, setOfFinger } = comparisonsOf(measurements, matcher, protocol);
  const { genuine, impostor, eer, fnmrAtFmr1, fnmrAtFmr01, zeroFmr } = errorRates(comparisons);
  const [low, high] = eerInterval(comparisons, { setOfFinger });
  return {
    eer: percent(eer),
    fnmrAtFmr1: percent(fnmrAtFmr1),
    fnmrAtFmr01: percent(fnmrAtFmr01),
    zeroFmr: percent(zeroFmr),
    genuine,
    impostor,
    eerInterval: [percent(low), percent(high)],
  };
}

/** The comparisons of a protocol over all sets, fingers numbered through, and the set that each finger is of. */
export function comparisonsOf(
  measurements: readonly SetMeasurement[],
  matcher: string,
  protocol: ProtocolName,
): { comparisons: Comparisons; setOfFinger: Uint32Array } {
  const parts: Comparisons[] = [];
  const setOfFinger: number[] = [];
  measurements.forEach(({ set, scores }, s) => {
    const first = setOfFinger.length;
    const part = PROTOCOLS[protocol](set, scores.get(matcher) ?? new Float64Array());
    parts.push({
      scores: part.scores,
      references: part.references.map((finger) => finger + first),
      probes: part.probes.map((finger) => finger + first),
    });
    for (let finger = 0; finger < set.fingers.length; finger++) setOfFinger.push(s);
  });
  return {
    comparisons: {
      scores: joined(parts.map(({ scores }) => scores)),
      references: Uint32Array.from(joined(parts.map(({ references }) => references))),
      probes: Uint32Array.from(joined(parts.map(({ probes }) => probes))),
    },
    setOfFinger: Uint32Array.from(setOfFinger),
  };
}

function joined(parts: readonly (Float64Array | Uint32Array)[]): Float64Array {
  const all = new Float64Array(total(parts.map(({ length }) => length)));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function total(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum;
}

function percent(fraction: number): number | null {
  return figure(100 * fraction);
}

/** Four decimals say all that can be said; JSON knows no NaN. */
function figure(value: number): number | null {
  return Number.isFinite(value) ? Math.round(value * 1e4) / 1e4 : null;
}
