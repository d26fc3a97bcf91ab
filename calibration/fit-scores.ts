import { llrAt, type ScoreCurves, TAIL_FMR } from '../device/matching/decision/evidence.ts';
import type { ScoreCalibration } from '../device/matching/decision/score-calibration.ts';
import type { Comparisons } from './error-rates.ts';
import { CalibrationError } from './errors.ts';

/** The fitted part of a calibration. */
export type ScoreFit = Pick<ScoreCalibration, 'llr' | 'fmr' | 'tailScale' | 'cllr' | 'minCllr'>;

/** With fewer no rate that a door needs can be told. */
const LEAST_IMPOSTORS = 1000;
const LEAST_GENUINE = 50;
/** A rate rests on at least this many false matches (rule of 30: within ± 30 % with 90 % confidence). */
const RULE_OF_THIRTY = 30;
/** The tail's scale is looked for from `TAIL_FMR` down to where this many impostors are left. */
const TAIL_SAMPLES = 100;
/** Knots of the false match rate in each decade. */
const KNOTS_PER_DECADE = 6;
/** Of each kind in a block of the likelihood ratio; fewer say too little of themselves. */
const LEAST_IN_BLOCK = 10;

/**
 * Fits what a matcher's scores mean.
 *
 * The likelihood ratio is an isotonic regression (pool adjacent violators) whose blocks are joined by straight lines;
 * the false match rate is what was measured as far as 30 false matches carry it. Beyond, the impostors' tail
 * is taken for exponential, with the largest mean excess of all thresholds in its range: slower than it was seen to fall
 * anywhere, so that the rates drawn on are rather too high than too low.
 *
 * @throws CalibrationError `calibration.too-few-comparisons`
 */
export function fitScores(comparisons: Comparisons): ScoreFit {
  const { genuine, impostor } = divided(comparisons);
  if (genuine.length < LEAST_GENUINE || impostor.length < LEAST_IMPOSTORS)
    throw new CalibrationError(
      'calibration.too-few-comparisons',
      `${genuine.length} genuine and ${impostor.length} impostor comparisons are too few to calibrate on: ` +
        `at least ${LEAST_GENUINE} and ${LEAST_IMPOSTORS} are needed`,
    );
  const blocks = poolAdjacentViolators(genuine, impostor);
  const fit = { llr: ratioKnots(blocks, genuine, impostor), fmr: rateKnots(impostor), tailScale: tailScale(impostor) };
  return { ...fit, cllr: costOf(fit, genuine, impostor), minCllr: leastCost(blocks, genuine.length, impostor.length) };
}

/** Scores of either kind, rising. */
function divided({ scores, references, probes }: Comparisons): { genuine: Float64Array; impostor: Float64Array } {
  const genuine = scores.filter((_, i) => references[i] === probes[i]).sort();
  const impostor = scores.filter((_, i) => references[i] !== probes[i]).sort();
  return { genuine, impostor };
}

function rateKnots(impostor: Float64Array): [number, number][] {
  const knots: [number, number][] = [[impostor[0], 1]];
  const steps = Math.floor(KNOTS_PER_DECADE * Math.log10(impostor.length / RULE_OF_THIRTY));
  for (let step = 1; step <= steps; step++) {
    const reached = Math.round(impostor.length * 10 ** (-step / KNOTS_PER_DECADE));
    const score = impostor[impostor.length - reached];
    // Where many score the same, all of them reach it.
    const first = impostor.findIndex((one) => one >= score);
    const fmr = (impostor.length - first) / impostor.length;
    const last = knots[knots.length - 1];
    if (score > last[0] && fmr < last[1]) knots.push([score, fmr]);
  }
  return knots;
}

function tailScale(impostor: Float64Array): number {
  const most = Math.max(TAIL_SAMPLES, Math.round(TAIL_FMR * impostor.length));
  let scale = 0;
  let sum = 0;
  for (let above = 1; above <= most; above++) {
    const from = impostor[impostor.length - 1 - above];
    sum += impostor[impostor.length - above];
    if (above >= TAIL_SAMPLES) scale = Math.max(scale, sum / above - from);
  }
  return scale;
}

/** Neighbouring scores between which the ratio of genuine to impostors does not fall. */
interface Block {
  readonly genuine: number;
  readonly impostor: number;
  readonly genuineSum: number;
  readonly impostorSum: number;
}

function poolAdjacentViolators(genuine: Float64Array, impostor: Float64Array): Block[] {
  const blocks: Block[] = [];
  let g = 0;
  let i = 0;
  while (g < genuine.length || i < impostor.length) {
    const score = Math.min(genuine[g] ?? Infinity, impostor[i] ?? Infinity);
    let block: Block = { genuine: 0, impostor: 0, genuineSum: 0, impostorSum: 0 };
    for (; genuine[g] === score; g++)
      block = { ...block, genuine: block.genuine + 1, genuineSum: block.genuineSum + score };
    for (; impostor[i] === score; i++)
      block = { ...block, impostor: block.impostor + 1, impostorSum: block.impostorSum + score };
    for (let last = blocks.at(-1); last !== undefined && !rises(last, block); last = blocks.at(-1)) {
      blocks.pop();
      block = together(last, block);
    }
    blocks.push(block);
  }
  return blocks;
}

function rises(before: Block, after: Block): boolean {
  return before.genuine * after.impostor < after.genuine * before.impostor;
}

function together(a: Block, b: Block): Block {
  return {
    genuine: a.genuine + b.genuine,
    impostor: a.impostor + b.impostor,
    genuineSum: a.genuineSum + b.genuineSum,
    impostorSum: a.impostorSum + b.impostorSum,
  };
}

/** One knot a block that says enough of itself, in the middle between its kinds' mean scores. */
function ratioKnots(blocks: readonly Block[], genuine: Float64Array, impostor: Float64Array): [number, number][] {
  const knots: [number, number][] = [];
  let gathered: Block = { genuine: 0, impostor: 0, genuineSum: 0, impostorSum: 0 };
  for (const block of blocks) {
    gathered = together(gathered, block);
    if (gathered.genuine < LEAST_IN_BLOCK || gathered.impostor < LEAST_IN_BLOCK) continue;
    const score = (gathered.genuineSum / gathered.genuine + gathered.impostorSum / gathered.impostor) / 2;
    const odds = gathered.genuine / gathered.impostor;
    knots.push([score, Math.log((odds * impostor.length) / genuine.length)]);
    gathered = { genuine: 0, impostor: 0, genuineSum: 0, impostorSum: 0 };
  }
  if (knots.length < 2)
    throw new CalibrationError(
      'calibration.too-few-comparisons',
      'the scores part same and different fingers fully or not at all: use more prints, so that both occur at some scores',
    );
  return knots;
}

/** Cost of the log-likelihood ratios in bits (Brümmer and du Preez, 2006): 0 knows all, 1 knows nothing. */
function costOf(fit: ScoreCurves, genuine: Float64Array, impostor: Float64Array): number {
  const missed = mean(genuine, (score) => Math.log2(1 + Math.exp(-llrAt(fit, score))));
  const alarmed = mean(impostor, (score) => Math.log2(1 + Math.exp(llrAt(fit, score))));
  return (missed + alarmed) / 2;
}

/** The cost after the best rising rescaling of these very scores: what the matcher itself leaves unknown. */
function leastCost(blocks: readonly Block[], genuine: number, impostor: number): number {
  let cost = 0;
  for (const block of blocks) {
    if (block.genuine === 0 || block.impostor === 0) continue;
    const ratio = (block.genuine * impostor) / (block.impostor * genuine);
    cost += (block.genuine / genuine) * Math.log2(1 + 1 / ratio);
    cost += (block.impostor / impostor) * Math.log2(1 + ratio);
  }
  return cost / 2;
}

function mean(values: Float64Array, of: (value: number) => number): number {
  return values.reduce((sum, value) => sum + of(value), 0) / values.length;
}
