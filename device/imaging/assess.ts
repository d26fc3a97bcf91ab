import type { CellGrid } from './cell-grid.ts';
import type { GrayImage } from './gray-image.ts';
import { IMAGING } from './parameters.ts';
import { analysePrint, checkPicture, type PrintAnalysis } from './print-analysis.ts';
import type { Mask } from './segmentation.ts';

/** What a person can do to make the next capture better. */
export type CaptureAdvice =
  'no-finger' | 'too-small' | 'centre' | 'too-dry' | 'too-wet' | 'press-harder' | 'press-lighter';

export interface Assessment {
  /** The shape of `mask` and `qualityMap`. */
  readonly grid: CellGrid;
  /** 1 where a cell shows ridges. */
  readonly mask: Mask;
  /** 0 (no ridges) to 1 (clear ridges), each cell. */
  readonly qualityMap: Float32Array;
  /** 0 (useless) to 100 (as good as it gets). */
  readonly quality: number;
  /** Whether a template from this capture is worth having; a retry with `advice` if not. */
  readonly usable: boolean;
  readonly advice?: CaptureAdvice;
}

/**
 * Judges a capture in a few milliseconds: where the print is, how clear its ridges are, and what to do better.
 *
 * @param image at 500 dpi, dark ridges
 * @throws ImagingError `imaging.bad-size`, `imaging.bad-resolution`
 */
export function assess(image: GrayImage): Assessment {
  checkPicture(image);
  return rate(analysePrint(image));
}

/** The assessment of a print already analysed. */
export function rate(analysis: PrintAnalysis): Assessment {
  const { contrast, coherence, mask } = analysis;
  const { grid } = contrast;
  const qualityMap = new Float32Array(mask.length);
  let area = 0;
  let sum = 0;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    qualityMap[i] = coherence[i];
    area++;
    sum += coherence[i];
  }
  const clearArea = sum * grid.cell * grid.cell;
  const quality = Math.round(100 * Math.min(1, clearArea / IMAGING.fullClearArea));
  const usable = quality >= IMAGING.usableQuality;
  if (area === 0) return { grid, mask, qualityMap, quality: 0, usable: false, advice: 'no-finger' };
  return usable
    ? { grid, mask, qualityMap, quality, usable }
    : { grid, mask, qualityMap, quality, usable, advice: 'too-small' };
}
