import colors from 'picocolors';
import { comparisonTable } from '../../calibration/comparison-table.ts';
import { detPlot, type DetCurve } from '../../calibration/det-plot.ts';
import { operatingPoints } from '../../calibration/error-rates.ts';
import { comparisonsOf, report, type SetMeasurement, type SetReport } from '../../calibration/evaluation.ts';
import type { CommandContext } from './command.ts';
import { writeOutput } from './files.ts';
import { evaluateTruth } from './evaluate-truth.ts';
import { measureSets, type MeasureOptions, type NetworkOptions, withNetworks, withSets } from './measure-sets.ts';
import { Output } from './output.ts';
import { fixed, PROTOCOL_NAMES, ratesTable } from './rates-table.ts';

interface Options extends MeasureOptions, NetworkOptions {
  readonly matchers: readonly string[];
  readonly json?: string | true;
  readonly pairs?: string;
  readonly plot?: string;
  readonly truth: boolean;
}

export function register({ program, output }: CommandContext): void {
  // Here `--json` may name a file, so it must not be read as the whole program's before this command sees it.
  program.enablePositionalOptions();
  const command = program
    .command('evaluate')
    .description('measure error rates on folders of prints named <finger>_<impression>.<ext>');
  withNetworks(withSets(command))
    .option('--matchers <names>', 'minutiae, latent, siamese, fused: one or several, by commas', names, ['minutiae'])
    .option('--json [file]', 'write the figures as JSON, to standard output without a file')
    .option('--pairs <file>', 'write the score of every pair as CSV')
    .option('--plot <file>', 'draw detection error trade-off curves as PNG')
    .option('--truth', 'measure the extractor by the exact truth beside artificial prints instead', false)
    .addHelpText('after', PROTOCOL_HELP)
    .action(async (folders: string[], options: Options) => {
      const chosen = options.json === true ? new Output(true) : output();
      if (!options.truth) return evaluate(folders, options, chosen);
      const reports = await evaluateTruth(folders, chosen);
      if (typeof options.json === 'string')
        await writeOutput(options.json, `${JSON.stringify(reports, undefined, 2)}\n`);
    });
}

const PROTOCOL_HELP = `
Protocols: "pairs" compares every pair of impressions once; "touches4" enrols impressions 1 to 4 of each finger and
tries 5 to 8 against every finger, the best touch counts. A print that cannot be acquired scores lowest. Several
folders are reported each and pooled: all their comparisons, one threshold. One folder gives one JSON object,
several a list with the pool at its end.`;

async function evaluate(folders: readonly string[], options: Options, output: Output): Promise<void> {
  const { measurements } = await measureSets(folders, options.matchers, options, output);
  const reports = measurements.map((one) => report([one]));
  if (measurements.length > 1) reports.push(report(measurements));
  const result = reports.length === 1 ? reports[0] : reports;

  output.result(result);
  for (const line of table(reports)) output.line(line);
  if (typeof options.json === 'string') await writeOutput(options.json, `${JSON.stringify(result, undefined, 2)}\n`);
  if (options.pairs !== undefined) await writeOutput(options.pairs, comparisonTable(measurements));
  if (options.plot !== undefined) await writeOutput(options.plot, await plot(measurements, options.matchers));
}

function table(reports: readonly SetReport[]): string[] {
  const wide = Math.max(4, ...reports.map(({ set }) => set.length));
  const lines = ratesTable(reports);
  lines.push(
    '',
    colors.bold(
      `${'set'.padEnd(wide)}  images  fingers  not acquired  extract ms p50 / p95  compare µs p50 / p95  template B mean / max`,
    ),
  );
  for (const { set, images, fingers, failureToAcquire, extractMs, compareUs, templateBytes } of reports)
    lines.push(
      [
        set.padEnd(wide),
        String(images).padStart(6),
        String(fingers).padStart(7),
        String(failureToAcquire).padStart(12),
        `${fixed(extractMs.p50, 1)} / ${fixed(extractMs.p95, 1)}`.padStart(20),
        `${fixed(compareUs.p50, 0)} / ${fixed(compareUs.p95, 0)}`.padStart(20),
        `${fixed(templateBytes.mean, 0)} / ${fixed(templateBytes.max, 0)}`.padStart(21),
      ].join('  '),
    );
  return lines;
}

/** Every set's pairs in its colour, four touches dashed; with several sets the pool stands out. */
async function plot(measurements: readonly SetMeasurement[], matchers: readonly string[]): Promise<Uint8Array> {
  const several = measurements.length > 1;
  const subjects = measurements.map((one) => ({ name: one.set.name, of: [one], pooled: false }));
  if (several) subjects.unshift({ name: 'pool', of: [...measurements], pooled: true });
  const curves = subjects.flatMap(({ name, of, pooled }, group) =>
    matchers.flatMap((matcher, m) =>
      PROTOCOL_NAMES.filter((protocol) => protocol === 'pairs' || pooled || !several).map((protocol): DetCurve => {
        const { comparisons } = comparisonsOf(of, matcher, protocol);
        return {
          name: [
            several ? name : '',
            matchers.length > 1 ? matcher : '',
            protocol === 'touches4' ? 'four touches' : 'pairs',
          ]
            .filter((word) => word !== '')
            .join(', '),
          points: operatingPoints(comparisons),
          dashed: protocol === 'touches4',
          emphasis: pooled && m === 0,
          group: group * matchers.length + m,
        };
      }),
    ),
  );
  const title = several
    ? `${matchers.join(', ')}: ${measurements.length} sets`
    : `${measurements[0].set.name}: ${matchers.join(', ')}`;
  return detPlot(title, curves);
}

function names(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}
