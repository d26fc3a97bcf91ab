import type { CellGrid } from './cell-grid.ts';
import { smooth } from './smoothing.ts';
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
  /** 1 where a cell belongs to the print. */
  readonly mask: Mask;
  /** 0 (no ridges) to 1 (clear ridges), each cell. */
  readonly qualityMap: Float32Array;
  /** 0 (useless) to 100 (as good as it gets). */
  readonly quality: number;
  /** Whether a template from this capture is worth having; a retry with `advice` if not. */
  readonly usable: boolean;
  /** There where the capture could be better, usable or not. */
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
  const { mask } = analysis;
  const { grid } = analysis.contrast;
  const qualityMap = mapQuality(analysis);
  const summary = summarise(analysis, qualityMap);
  const amount = Math.min(1, summary.ridgeArea / IMAGING.fullArea);
  const { leastClarity, fullClarity } = IMAGING;
  const clarity = Math.min(1, Math.max(0, (summary.clarity - leastClarity) / (fullClarity - leastClarity)));
  const quality = Math.round(100 * amount * clarity);
  const usable = summary.ridgeArea >= IMAGING.usableArea && quality >= IMAGING.usableQuality;
  const advice = adviseOn(summary, quality);
  return { grid, mask, qualityMap, quality, usable, ...(advice !== undefined && { advice }) };
}

/** Coherence where there is a print whose contrast has about the period of ridges; 0 elsewhere. */
function mapQuality({ tensor, coherence, mask }: PrintAnalysis): Float32Array {
  const { grid } = tensor;
  const { shortestPeriod, longestPeriod, minimumPower } = IMAGING;
  const sigma = IMAGING.maskReach / grid.cell;
  const power = smooth(grid, tensor.power, sigma);
  const energy = smooth(grid, tensor.energy, sigma);
  return coherence.map((value, i) => {
    if (mask[i] === 0 || power[i] < minimumPower * grid.cell * grid.cell) return 0;
    // A wave of amplitude A has mean square A²/2 and mean squared slope A²k²/2.
    const period = 2 * Math.PI * Math.sqrt(power[i] / energy[i]);
    return period >= shortestPeriod && period <= longestPeriod ? value : 0;
  });
}

interface Summary {
  /** Area of cells with ridges, px². */
  readonly ridgeArea: number;
  /** Mean quality (0–1) over those. */
  readonly clarity: number;
  /** Share (0–1) of dark pixels among those. */
  readonly inkShare: number;
  /** Mean contrast among those, grey levels. */
  readonly contrast: number;
  /** Distance of the print's centre from the picture's, as a share (0–1) of half the picture's side. */
  readonly offCentre: number;
}

function summarise({ contrast, normalised }: PrintAnalysis, qualityMap: Float32Array): Summary {
  const { grid, deviation } = contrast;
  const { width, height, stride, origin, samples } = normalised;
  let cells = 0;
  let clarity = 0;
  let deviations = 0;
  let columns = 0;
  let rows = 0;
  for (let i = 0; i < qualityMap.length; i++) {
    if (qualityMap[i] === 0) continue;
    cells++;
    clarity += qualityMap[i];
    deviations += deviation[i];
    columns += i % grid.columns;
    rows += Math.floor(i / grid.columns);
  }
  let dark = 0;
  let pixels = 0;
  for (let y = 0; y < height; y++) {
    const cellRow = Math.floor(y / grid.cell) * grid.columns;
    for (let x = 0; x < width; x++) {
      if (qualityMap[cellRow + Math.floor(x / grid.cell)] === 0) continue;
      pixels++;
      if (samples[origin + y * stride + x] > 0) dark++;
    }
  }
  const count = Math.max(1, cells);
  const offX = Math.abs((2 * (columns / count + 0.5)) / grid.columns - 1);
  const offY = Math.abs((2 * (rows / count + 0.5)) / grid.rows - 1);
  return {
    ridgeArea: cells * grid.cell * grid.cell,
    clarity: clarity / count,
    inkShare: pixels === 0 ? 0 : dark / pixels,
    contrast: deviations / count,
    offCentre: cells === 0 ? 0 : Math.max(offX, offY),
  };
}

function adviseOn(summary: Summary, quality: number): CaptureAdvice | undefined {
  if (summary.ridgeArea < IMAGING.fingerArea) return 'no-finger';
  if (summary.ridgeArea < IMAGING.usableArea) {
    return summary.offCentre > IMAGING.centredWithin ? 'centre' : 'too-small';
  }
  if (quality >= IMAGING.goodQuality) return undefined;
  if (summary.inkShare > IMAGING.wetShare) return 'too-wet';
  if (summary.inkShare < IMAGING.dryShare) return 'too-dry';
  if (summary.offCentre > IMAGING.centredWithin) return 'centre';
  return summary.contrast < IMAGING.faintContrast ? 'press-harder' : 'press-lighter';
}
