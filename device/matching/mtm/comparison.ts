import type { Alignment } from './alignment.ts';

/** Two minutiae taken for the same: rows of `template.minutiae`. */
export interface MinutiaPair {
  readonly probe: number;
  readonly reference: number;
  /** Similarity of their neighbourhoods; 0 for a regained pair, which had none to speak for it. */
  readonly similarity: number;
  /** Found by the deformation that the other pairs agree on, not by the tensors. */
  readonly regained: boolean;
}

export interface MtmComparison {
  /** Finite, 0 (nothing in common) or more. */
  readonly score: number;
  readonly pairs: readonly MinutiaPair[];
  /** Where there are at least two pairs: carries the probe onto the reference. */
  readonly alignment?: Alignment;
}
