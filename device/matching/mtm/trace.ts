import type { MinutiaPair } from './comparison.ts';
import type { MatchStatistics } from './score.ts';

/** A node of the correspondence graph: one possible pair, rows of `template.minutiae`. */
export interface CorrespondenceNode {
  readonly probe: number;
  readonly reference: number;
  /** S_aa': similarity of the two neighbourhoods. */
  readonly similarity: number;
}

/** What each step of a comparison leaves, under stable keys. */
export interface MtmStages {
  /** Global first-order tensor: the kept nodes in falling order of similarity. */
  T1: readonly CorrespondenceNode[];
  /** The Minutia Tensor Matrix T_F, row after row, over the nodes of T1. */
  TF: Float32Array;
  /** Its leading eigenvector over the nodes of T1; T1 itself where the global level is off. */
  eigenvector: Float32Array;
  /** Pairs picked one to one from the eigenvector. */
  pairs: readonly MinutiaPair[];
  /** Pairs that moving least squares gave back. */
  regained: readonly MinutiaPair[];
  /** How far the others agree with each pair, 0 to 1: pairs first, then regained. */
  agreement: Float32Array;
  /** Corners of the convex hulls of the matched minutiae. */
  hulls: { readonly probe: readonly number[]; readonly reference: readonly number[] };
  statistics: MatchStatistics;
}

/** Receives the steps of a comparison. */
export type MtmTrace = <Key extends keyof MtmStages>(key: Key, value: MtmStages[Key]) => void;
