import { beyond, type Combination } from '../device/matching/fusion/fusion-file.ts';
import type { Part } from '../device/matching/fusion/parts.ts';
import { percentile } from './error-rates.ts';

/** Comparisons as columns: every part's scores, and whether it is the same finger. */
export interface FusionData {
  readonly columns: readonly Float64Array[];
  readonly genuine: Uint8Array;
}

export type FusionWeights = Pick<Combination, 'weights' | 'from' | 'offset'>;

/** Below the score that this share of impostors stays under, parts beside the leading one say nothing. */
const SILENT = 0.9;
/** Beyond the score that this share of impostors stays under nobody doubts: more says nothing of the weights. */
const DOUBTED = 0.9999;

/** Newton's steps until weights move by less than this share. */
const CLOSE_ENOUGH = 1e-9;
const MOST_STEPS = 100;
/** Of the squares of weights on scores of unit spread: keeps them finite where the data part fully. */
const RIDGE = 1e-4;

/**
 * Weighs the parts: the first leads, the others speak only in favour, since a print that they cannot make out (a corner of
 * it, a dry one) looks to them like a stranger's. So a fusion never does much worse than its first part alone.
 */
export function fitFusion({ columns, genuine }: FusionData): FusionWeights {
  const impostors = columns.map((column) => column.filter((_, i) => genuine[i] === 0).sort());
  const from = impostors.map((sorted, part) => (part === 0 ? null : percentile(sorted, SILENT) || 0));
  const counted = columns.map((column, part) => {
    const most = percentile(impostors[part], DOUBTED);
    return column.map((score) => beyond(Math.min(score, most), from[part]));
  });
  return { from, ...regress({ columns: counted, genuine }) };
}

/**
 * Logistic regression whose sum is a log-likelihood ratio: same and different fingers count as much in all, however many
 * there are of each. A part whose weight would be negative is left out (weight 0) and the others are fitted anew.
 */
function regress(data: FusionData): Pick<FusionWeights, 'weights' | 'offset'> {
  const scaled = data.columns.map(spreadOf);
  let active = data.columns.map((_, part) => part);
  for (;;) {
    const fitted = newton(data, scaled, active);
    const worst = active.reduce((least, _, k) => (fitted[k] < fitted[least] ? k : least), 0);
    if (active.length > 0 && fitted[worst] < 0) {
      active = active.filter((_, k) => k !== worst);
      continue;
    }
    const weights = data.columns.map(() => 0);
    let offset = fitted[active.length];
    active.forEach((part, k) => {
      weights[part] = fitted[k] / scaled[part].spread;
      offset -= weights[part] * scaled[part].mean;
    });
    return { weights, offset };
  }
}

interface Scale {
  readonly mean: number;
  readonly spread: number;
}

function spreadOf(column: Float64Array): Scale {
  const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
  const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length;
  return { mean, spread: Math.sqrt(variance) || 1 };
}

/** Weights of the active parts on their scaled scores, and the offset. */
function newton({ columns, genuine }: FusionData, scaled: readonly Scale[], active: readonly number[]): number[] {
  const size = active.length + 1;
  const count = genuine.length;
  const own = genuine.reduce((sum, one) => sum + one, 0);
  const weightOf = [0.5 / Math.max(1, count - own), 0.5 / Math.max(1, own)];
  const row = new Float64Array(size);
  row[size - 1] = 1;
  let at = new Array<number>(size).fill(0);
  let cost = Infinity;
  let step = new Array<number>(size).fill(0);
  for (let round = 0; round < MOST_STEPS; round++) {
    const gradient = at.map((value, k) => (k < size - 1 ? 2 * RIDGE * value : 0));
    const hessian = at.map((_, k) => at.map((__, l) => (k === l && k < size - 1 ? 2 * RIDGE : 0)));
    let costHere = at.slice(0, -1).reduce((sum, value) => sum + RIDGE * value * value, 0);
    for (let i = 0; i < count; i++) {
      active.forEach((part, k) => {
        row[k] = (columns[part][i] - scaled[part].mean) / scaled[part].spread;
      });
      let sum = 0;
      for (let k = 0; k < size; k++) sum += at[k] * row[k];
      const weight = weightOf[genuine[i]];
      const odds = genuine[i] ? -sum : sum;
      costHere += weight * (odds > 0 ? odds + Math.log1p(Math.exp(-odds)) : Math.log1p(Math.exp(odds)));
      const probability = 1 / (1 + Math.exp(-sum));
      const pull = weight * (probability - genuine[i]);
      const curve = weight * probability * (1 - probability);
      for (let k = 0; k < size; k++) {
        gradient[k] += pull * row[k];
        for (let l = 0; l <= k; l++) hessian[k][l] += curve * row[k] * row[l];
      }
    }
    // A step that went too far is halved; Newton's own is taken where the cost fell.
    if (costHere > cost) {
      step = step.map((value) => value / 2);
      at = at.map((value, k) => value + step[k]);
      continue;
    }
    cost = costHere;
    const move = solve(hessian, gradient);
    step = move;
    at = at.map((value, k) => value - move[k]);
    if (Math.max(...move.map(Math.abs)) < CLOSE_ENOUGH * (1 + Math.max(...at.map(Math.abs)))) break;
  }
  return at;
}

/** Of a symmetric positive matrix, given by its lower half, by Cholesky's decomposition. */
function solve(matrix: readonly number[][], right: readonly number[]): number[] {
  const size = right.length;
  const lower = matrix.map((row) => row.slice());
  for (let k = 0; k < size; k++) {
    for (let l = 0; l <= k; l++) {
      let sum = lower[k][l];
      for (let m = 0; m < l; m++) sum -= lower[k][m] * lower[l][m];
      lower[k][l] = k === l ? Math.sqrt(Math.max(sum, Number.EPSILON)) : sum / lower[l][l];
    }
  }
  const out = right.slice();
  for (let k = 0; k < size; k++) {
    for (let m = 0; m < k; m++) out[k] -= lower[k][m] * out[m];
    out[k] /= lower[k][k];
  }
  for (let k = size - 1; k >= 0; k--) {
    for (let m = k + 1; m < size; m++) out[k] -= lower[m][k] * out[m];
    out[k] /= lower[k][k];
  }
  return out;
}

/** Every choice of parts that a fusion should know: minutiae alone are calibrated by themselves. */
export const COMBINATIONS: readonly (readonly Part[])[] = [
  ['minutiae', 'siamese', 'latent'],
  ['minutiae', 'siamese'],
  ['minutiae', 'latent'],
  ['siamese', 'latent'],
  ['siamese'],
];
