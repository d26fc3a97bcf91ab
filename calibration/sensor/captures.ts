import type { GrayImage } from '../../device/imaging/gray-image.ts';

/** What a technician lets the sensor see. All of one size and resolution, as the sensor gives them. */
export interface CalibrationCaptures {
  /** Nothing on the clean plate. */
  readonly empty: readonly GrayImage[];
  /** A soft, damp pad that touches everywhere. */
  readonly full: readonly GrayImage[];
  /** A target ruled with parallel lines, laid down in any direction. */
  readonly target: readonly GrayImage[];
  /** Touches of fingers. */
  readonly fingers: readonly GrayImage[];
}

export const STEPS = ['empty', 'full', 'target', 'fingers'] as const satisfies readonly (keyof CalibrationCaptures)[];
