import type { Plane } from '../imaging/plane.ts';
import type { PrintAnalysis } from '../imaging/print-analysis.ts';
import type { Minutia } from './minutia.ts';
import type { OrientationField } from './orientation-field.ts';
import type { PeriodField } from './ridge-period.ts';
import type { SkeletonGraph } from './skeleton-graph.ts';
import type { BinaryPicture } from './thinning.ts';

/** What each stage of an extraction leaves, under stable keys. */
export interface ExtractionStages {
  analysis: PrintAnalysis;
  'first-orientation': OrientationField;
  period: PeriodField;
  'first-filtered': Plane;
  orientation: OrientationField;
  filtered: Plane;
  ridgeness: Float32Array;
  mask: Uint8Array;
  'ridge-lines': BinaryPicture;
  'valley-lines': BinaryPicture;
  'ridge-graph': SkeletonGraph;
  'valley-graph': SkeletonGraph;
  'all-minutiae': readonly Minutia[];
  minutiae: readonly Minutia[];
}

/**
 * Receives stage outputs. Planes live in the extractor's memory and are overwritten by later stages: copy what must
 * outlive the call.
 */
export type ExtractionTrace = <Key extends keyof ExtractionStages>(key: Key, value: ExtractionStages[Key]) => void;
