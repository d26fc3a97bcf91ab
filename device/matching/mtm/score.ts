import type { MtmParameters } from './parameters.ts';

/** What a score rests on, in the paper's names. */
export interface MatchStatistics {
  /** Sum of the pairs' local similarities: the diagonal of m'·T_F·m. */
  readonly first: number;
  /** Sum of their global compatibilities: the rest of m'·T_F·m. */
  readonly second: number;
  /** N_s: pairs found by the tensors. */
  readonly seeds: number;
  /** N_m: pairs after regaining. */
  readonly matched: number;
  /** m_p and m_p' (of the template with fewer minutiae first): weight of those without a mate inside the hull. */
  readonly missedA: number;
  readonly missedB: number;
  /** Sum over the pairs of √similarity · agreement². */
  readonly evidence: number;
}

/** Order in which the kernel leaves them. */
const ORDER = ['first', 'second', 'seeds', 'matched', 'missedA', 'missedB', 'evidence'] as const;
const [FIRST, SECOND, SEEDS, MATCHED, MISSED_A, MISSED_B, EVIDENCE] = ORDER.keys();
export const STATISTICS = ORDER.length;

export function statisticsOf(kernel: Float32Array): MatchStatistics {
  const [first, second, seeds, matched, missedA, missedB, evidence] = kernel;
  return { first, second, seeds, matched, missedA, missedB, evidence };
}

/**
 * Convex-hull score, formula (14): finite, 0 or more. The paper's value is m'·T_F·m; ours is the evidence, in which a
 * pair counts as far as the others agree with it: rows of pairs that chance lines up locally agree with few others.
 *
 * @param kernel the statistics as the kernel leaves them: the hot path makes no objects
 */
export function hullScore(kernel: Float32Array, parameters: MtmParameters): number {
  const seeds = kernel[SEEDS];
  if (seeds === 0) return 0;
  const value = parameters.agreement ? kernel[EVIDENCE] : kernel[FIRST] + kernel[SECOND];
  const matched = kernel[MATCHED];
  const ratio = (matched * matched) / ((matched + kernel[MISSED_A]) * (matched + kernel[MISSED_B]));
  return (value / seeds) * matched * ratio ** parameters.hullPower;
}
