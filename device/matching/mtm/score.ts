import type { MtmParameters } from './parameters.ts';

/** What a score rests on, in the paper's names. */
export interface MatchStatistics {
  /** Sum of the pairs' local similarities (the diagonal of m'·T_F·m). */
  readonly first: number;
  /** Sum of their global compatibilities (the rest of m'·T_F·m). */
  readonly second: number;
  /** N_s: pairs found by the tensors. */
  readonly seeds: number;
  /** N_m: pairs after regaining. */
  readonly matched: number;
  /** m_p and m_p': minutiae without a mate inside the hull of the matched ones. */
  readonly missedA: number;
  readonly missedB: number;
}

/** Convex-hull score, formula (14): finite, 0 or more. Takes the kernel's statistics in their order. */
export function hullScore(statistics: Float32Array, parameters: MtmParameters): number {
  const [first, second, seeds, matched, missedA, missedB] = statistics;
  if (!(seeds > 0)) return 0;
  const value = first + parameters.secondShare * second;
  if (!parameters.hull) return value;
  const { hullPrior: c } = parameters;
  const ratio = matched ** 2 / ((matched + missedA + c) * (matched + missedB + c));
  return (value / seeds) * matched * ratio ** parameters.hullPower;
}
