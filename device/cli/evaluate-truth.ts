import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path';
import colors from 'picocolors';
import { CalibrationError } from '../../calibration/errors.ts';
import { readPrintSet } from '../../calibration/print-set.ts';
import { compareWithTruth, ratesOf, readTruth, type TruthCount, type TruthRates } from '../../calibration/truth.ts';
import { decodeImage } from '../imaging/decode.ts';
import { MinutiaeExtractor } from '../minutiae/extract.ts';
import type { Output } from './output.ts';

interface ConditionReport extends TruthRates {
  readonly prints: number;
  /** Minutiae that counted, a print. */
  readonly found: number;
  readonly truth: number;
}

export interface TruthReport {
  readonly set: string;
  readonly all: ConditionReport;
  readonly conditions: Readonly<Record<string, ConditionReport>>;
}

/** Measures the extractor by the exact truth beside artificial prints (`truth/<print>.json`), folder by folder. */
export async function evaluateTruth(folders: readonly string[], output: Output): Promise<readonly TruthReport[]> {
  const reports: TruthReport[] = [];
  for (const folder of folders) reports.push(await measure(folder, output));
  output.result(reports.length === 1 ? reports[0] : reports);
  for (const line of table(reports)) output.line(line);
  return reports;
}

async function measure(folder: string, output: Output): Promise<TruthReport> {
  const { name, prints } = readPrintSet(folder, 500);
  const extractor = new MinutiaeExtractor();
  const byCondition = new Map<string, TruthCount[]>();
  const startedAt = Date.now();
  for (const [index, { path, file }] of prints.entries()) {
    output.progress(`${name}: prints beside their truth`, index, prints.length, startedAt);
    const beside = join(dirname(path), 'truth', `${parse(file).name}.json`);
    if (!existsSync(beside))
      throw new CalibrationError(
        'calibration.bad-truth',
        `${file} has no truth beside it (${beside}): only sets by whorl synthesize have`,
      );
    const truth = readTruth(await readFile(beside, 'utf8'), beside);
    const image = await decodeImage(await readFile(path), { dpi: truth.dpi, polarity: 'dark-ridges' });
    const count = compareWithTruth(extractor.extract(image).template.minutiae, truth);
    byCondition.set(truth.touch.condition, [...(byCondition.get(truth.touch.condition) ?? []), count]);
  }
  output.progress(name, prints.length, prints.length, startedAt);
  return {
    set: name,
    all: describe([...byCondition.values()].flat()),
    conditions: Object.fromEntries([...byCondition].sort().map(([condition, counts]) => [condition, describe(counts)])),
  };
}

function describe(counts: readonly TruthCount[]): ConditionReport {
  const mean = (part: 'found' | 'truth'): number => counts.reduce((sum, count) => sum + count[part], 0) / counts.length;
  return { prints: counts.length, found: mean('found'), truth: mean('truth'), ...ratesOf(counts) };
}

function table(reports: readonly TruthReport[]): string[] {
  const wide = Math.max(4, ...reports.map(({ set }) => set.length));
  const row = (set: string, condition: string, report: ConditionReport): string =>
    [
      set.padEnd(wide),
      condition.padEnd(10),
      String(report.prints).padStart(6),
      report.truth.toFixed(1).padStart(6),
      report.found.toFixed(1).padStart(6),
      ...[report.precision, report.recall, report.f1, report.type].map((rate) =>
        (rate === null ? '–' : (100 * rate).toFixed(1)).padStart(10),
      ),
    ].join('  ');
  const head = [
    'set'.padEnd(wide),
    'condition ',
    'prints',
    '  true',
    ' found',
    'precision %',
    'recall %',
    '    F1 %',
    '  type %',
  ];
  return [
    colors.bold(head.join('  ')),
    ...reports.flatMap(({ set, all, conditions }) => [
      row(set, 'all', all),
      ...Object.entries(conditions).map(([condition, report]) => row(set, condition, report)),
    ]),
  ];
}
