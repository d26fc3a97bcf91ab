import { assess } from '../../device/imaging/assess.ts';
import type { GrayImage } from '../../device/imaging/gray-image.ts';
import { toWorkingResolution } from '../../device/imaging/resample.ts';
import { MinutiaeExtractor } from '../../device/minutiae/extract.ts';
import type { PeriodField } from '../../device/minutiae/ridge-period.ts';
import { median } from './fields.ts';

/**
 * From ridge to ridge, mm, and how much fingers differ in it (standard deviation, share): median period at the minutiae of
 * 94 fingers on five sensors of 500 dpi.
 */
const RIDGE_PERIOD_MM = 0.452;
const SPREAD_BETWEEN_FINGERS = 0.08;

export interface RidgeResolution {
  readonly dpi: number;
  /** Standard error, dpi: from how much fingers differ. */
  readonly error: number;
  readonly touches: number;
}

/**
 * The resolution at which the ridges of these touches would have the period that ridges have. It shows a resolution that
 * is quite wrong, not one that is a little wrong: people differ.
 *
 * @param touches of different fingers, dark ridges, at the claimed resolution
 * @returns undefined where no touch shows ridges
 */
export function resolutionByRidges(touches: readonly GrayImage[]): RidgeResolution | undefined {
  const extractor = new MinutiaeExtractor();
  const periods: number[] = [];
  for (const touch of touches) {
    const image = toWorkingResolution(touch);
    if (!assess(image).usable) continue;
    const period = periodAtMinutiae(extractor, image);
    if (period !== undefined) periods.push((period * 25.4) / image.dpi);
  }
  if (periods.length === 0) return undefined;
  const dpi = (touches[0].dpi * median(Float32Array.from(periods))) / RIDGE_PERIOD_MM;
  return { dpi, error: (dpi * SPREAD_BETWEEN_FINGERS) / Math.sqrt(periods.length), touches: periods.length };
}

/** Median, pixels. */
function periodAtMinutiae(extractor: MinutiaeExtractor, image: GrayImage): number | undefined {
  let periodAt: ((x: number, y: number) => number) | undefined;
  const { template } = extractor.extract(image, (stage, value) => {
    if (stage !== 'period') return;
    const { grid, period } = value as PeriodField;
    const kept = period.slice();
    periodAt = (x, y) => kept[Math.floor(y / grid.cell) * grid.columns + Math.floor(x / grid.cell)];
  });
  const found = template.minutiae.map(({ x, y }) => periodAt?.(x, y) ?? NaN);
  return found.length === 0 ? undefined : median(Float32Array.from(found));
}
