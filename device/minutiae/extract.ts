import { rate, type Assessment } from '../imaging/assess.ts';
import type { GrayImage } from '../imaging/gray-image.ts';
import { analysePrint, checkPicture } from '../imaging/print-analysis.ts';
import { measureTensor } from '../imaging/ridge-tensor.ts';
import { ContextualFilter, controlGain, measurePower } from './contextual-filter.ts';
import { detectMinutiae } from './minutia-detection.ts';
import { removeBorderMinutiae, removeNoiseMinutiae, selectBest } from './minutia-selection.ts';
import { measureEdgeDistance, rateMinutiae } from './minutia-quality.ts';
import type { Minutia, MinutiaeTemplate } from './minutia.ts';
import { estimateOrientation } from './orientation-field.ts';
import { EXTRACTION } from './parameters.ts';
import { estimatePeriod } from './ridge-period.ts';
import { maskRidges, measureRidgeness } from './ridgeness.ts';
import { cleanSkeleton } from './skeleton-cleaning.ts';
import { traceSkeleton } from './skeleton-graph.ts';
import { Thinning } from './thinning.ts';
import type { ExtractionTrace } from './trace.ts';

export interface Extraction {
  readonly template: MinutiaeTemplate;
  readonly assessment: Assessment;
}

/**
 * Finds the minutiae of a print. One instance owns the scratch memory of its kernels and serves any number of pictures,
 * one after the other; the same picture always gives the same template.
 */
export class MinutiaeExtractor {
  readonly #filter = new ContextualFilter();
  readonly #thinning = new Thinning();

  /**
   * A print too poor for minutiae gives few or none, and an assessment that says why.
   *
   * @param image at 500 dpi, dark ridges
   * @param trace receives every stage's output; costs nothing when left out
   * @throws ImagingError `imaging.bad-size`, `imaging.bad-resolution`
   */
  extract(image: GrayImage, trace?: ExtractionTrace): Extraction {
    checkPicture(image);
    const { width, height } = image;
    const {
      planes: [normalised, first, filtered],
    } = this.#filter.open(width, height);
    const analysis = analysePrint(image, normalised);
    trace?.('analysis', analysis);
    const { grid } = analysis.tensor;
    const { narrow, wide, wideWeight, refined } = EXTRACTION.orientation;

    this.#filter.filterAnyDirection(normalised, first, grid, analysis.mask);
    controlGain(first, grid, measurePower(first, grid));
    const firstOrientation = estimateOrientation(measureTensor(first), [
      { sigma: narrow, weight: 1 },
      { sigma: wide, weight: wideWeight },
    ]);
    trace?.('first-orientation', firstOrientation);
    const period = estimatePeriod(normalised, firstOrientation, analysis.mask);
    trace?.('period', period);

    this.#filter.filter(normalised, first, firstOrientation, period, analysis.mask);
    const filteredPower = measurePower(first, grid);
    const ridgeness = measureRidgeness(grid, analysis.tensor.power, filteredPower);
    trace?.('ridgeness', ridgeness);
    controlGain(first, grid, filteredPower);
    trace?.('first-filtered', first);

    const mask = maskRidges(grid, analysis.mask, ridgeness);
    trace?.('mask', mask);
    const orientation = estimateOrientation(measureTensor(first), [{ sigma: refined, weight: 1 }]);
    trace?.('orientation', orientation);
    this.#filter.filter(first, filtered, orientation, period, analysis.mask);
    trace?.('filtered', filtered);

    const ridgeLines = this.#thinning.thin(filtered, 1);
    trace?.('ridge-lines', ridgeLines);
    const valleyLines = this.#thinning.thin(filtered, -1);
    trace?.('valley-lines', valleyLines);
    const ridges = traceSkeleton(ridgeLines);
    cleanSkeleton(ridges);
    trace?.('ridge-graph', ridges);
    const valleys = traceSkeleton(valleyLines);
    cleanSkeleton(valleys);
    trace?.('valley-graph', valleys);

    const all: Minutia[] = [
      ...detectMinutiae(ridges, 'ending', 1, filtered, orientation),
      ...detectMinutiae(valleys, 'bifurcation', -1, filtered, orientation),
    ];
    trace?.('all-minutiae', all);
    const edgeDistance = measureEdgeDistance(grid, mask);
    const inner = removeNoiseMinutiae(removeBorderMinutiae(all, width, height, grid, edgeDistance));
    const minutiae = selectBest(rateMinutiae(inner, grid, ridgeness, edgeDistance));
    trace?.('minutiae', minutiae);
    return { template: { width, height, minutiae }, assessment: rate(analysis) };
  }
}
