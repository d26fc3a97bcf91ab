import { fmrAt, scoreAtFmr } from '../decision/evidence.ts';
import type { ScoreCalibration } from '../decision/score-calibration.ts';
import { type Combination, type FusionFile, sumOf } from './fusion-file.ts';
import { type ModelIds, MODELS, type Part, type PartScores, PARTS, partsOf } from './parts.ts';

/** The score of a single part is taken as it is. */
interface Known {
  readonly parts: readonly Part[];
  readonly calibration: ScoreCalibration;
  readonly sum: (scores: PartScores) => number;
}

/**
 * Adds what the matchers say of a comparison up to one score.
 *
 * All its scores are on one scale, that of the most parts that the fusion knows. A comparison that has fewer is judged by
 * those, by their own weights and their own calibration, and told as the score of the same false match rate: the
 * threshold then promises the same whatever was missing.
 */
export class Fusion {
  /** What the scores mean. */
  readonly calibration: ScoreCalibration;
  readonly #scale: Known;
  /** By the parts' names; those of most parts first. */
  readonly #known: readonly Known[];

  /**
   * @param minutiae what scores of minutiae alone mean
   * @param file without it everything rests on minutiae
   */
  constructor(minutiae: ScoreCalibration, file?: FusionFile) {
    const alone: Known = { parts: ['minutiae'], calibration: minutiae, sum: (scores) => scores.minutiae ?? NaN };
    const fitted = file?.combinations.map(knownOf) ?? [];
    this.#known = [...fitted, alone].sort((a, b) => b.parts.length - a.parts.length);
    this.#scale = this.#known[0];
    this.calibration = this.#scale.calibration;
  }

  /** The parts that this fusion makes use of. */
  get parts(): readonly Part[] {
    return PARTS.filter((part) => this.#known.some(({ parts }) => parts.includes(part)));
  }

  /** Not a number where nothing is known of the comparison. */
  score(scores: PartScores): number {
    const there = partsOf(scores);
    const known = this.#known.find(({ parts }) => parts.every((part) => there.includes(part)));
    if (known === undefined) return NaN;
    const sum = known.sum(scores);
    return known === this.#scale ? sum : scoreAtFmr(this.calibration, fmrAt(known.calibration, sum));
  }
}

/** Whether a fusion was fitted to scores of these very models: it says nothing of others. */
export function fits({ models }: FusionFile, running: ModelIds): boolean {
  return MODELS.every((name) => models[name] === undefined || models[name] === running[name]);
}

function knownOf(combination: Combination): Known {
  const { parts, calibration } = combination;
  return { parts, calibration, sum: (scores) => sumOf(combination, scores) };
}
