import { readFile } from 'node:fs/promises';
import { comparisonsOf, type SetMeasurement } from '../../calibration/evaluation.ts';
import { percentile } from '../../calibration/error-rates.ts';
import { decodeImage } from '../../device/imaging/decode.ts';
import { MinutiaeExtractor } from '../../device/minutiae/extract.ts';
import type { PeriodField } from '../../device/minutiae/ridge-period.ts';

/** What a set of prints looks like to the project's own tools. */
export interface PrintStatistics {
  /** Ridge period at the minutiae, pixels. */
  readonly period: Float64Array;
  /** Minutiae and quality of each print. */
  readonly minutiae: Float64Array;
  readonly quality: Float64Array;
  readonly genuine: Float64Array;
  readonly impostor: Float64Array;
}

/** All values ascending. */
export async function statisticsOf(measurement: SetMeasurement, matcher: string): Promise<PrintStatistics> {
  const extractor = new MinutiaeExtractor();
  const period: number[] = [];
  const minutiae: number[] = [];
  const quality: number[] = [];
  for (const { path } of measurement.set.prints) {
    const image = await decodeImage(await readFile(path), { dpi: measurement.set.dpi });
    let field: PeriodField | undefined;
    const { template, assessment } = extractor.extract(image, (key, value) => {
      if (key === 'period') field = copyOf(value as PeriodField);
    });
    if (field !== undefined) for (const { x, y } of template.minutiae) period.push(periodAt(field, x, y));
    minutiae.push(template.minutiae.length);
    quality.push(assessment.quality);
  }
  const { scores, references, probes } = comparisonsOf([measurement], matcher, 'pairs').comparisons;
  return {
    period: Float64Array.from(period).sort(),
    minutiae: Float64Array.from(minutiae).sort(),
    quality: Float64Array.from(quality).sort(),
    genuine: scores.filter((_, i) => references[i] === probes[i]).sort(),
    impostor: scores.filter((_, i) => references[i] !== probes[i]).sort(),
  };
}

/** 5 %, median and 95 %. */
export function spreadOf(values: Float64Array, digits: number): string {
  return [0.05, 0.5, 0.95].map((share) => percentile(values, share).toFixed(digits)).join(' / ');
}

function copyOf({ grid, period }: PeriodField): PeriodField {
  return { grid, period: period.slice() };
}

function periodAt({ grid, period }: PeriodField, x: number, y: number): number {
  const column = Math.min(grid.columns - 1, Math.floor(x / grid.cell));
  const row = Math.min(grid.rows - 1, Math.floor(y / grid.cell));
  return period[row * grid.columns + column];
}
