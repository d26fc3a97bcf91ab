import { fileURLToPath } from 'node:url';
import colors from 'picocolors';
import { calibrateFusion, crossFused } from '../../calibration/calibrate-fusion.ts';
import { report } from '../../calibration/evaluation.ts';
import { FUSED } from '../../calibration/matchers.ts';
import { calibrateScores } from '../../calibration/score-calibration.ts';
import { SHIPPED_FUSION } from '../fusion-file.ts';
import { DEFAULT_BUDGET, explainBudget } from '../matching/decision/budget.ts';
import { provenFmr, reachOf, scoreAtFmr } from '../matching/decision/evidence.ts';
import { PARTS } from '../matching/fusion/parts.ts';
import { readScoreCalibration, SHIPPED_CALIBRATION } from '../score-calibration.ts';
import { registerModels } from './calibrate-models.ts';
import { registerSensor } from './calibrate-sensor.ts';
import type { CommandContext } from './command.ts';
import { writeOutput } from './files.ts';
import { measureSets, type MeasureOptions, type NetworkOptions, withNetworks, withSets } from './measure-sets.ts';
import type { Output } from './output.ts';
import { ratesTable } from './rates-table.ts';

interface Options extends MeasureOptions, NetworkOptions {
  readonly matcher: string;
  readonly out?: string;
}

export function register({ program, output }: CommandContext): void {
  const calibrate = program
    .command('calibrate')
    .description('fit what scores mean to prints of known fingers; make the models that ship; measure a sensor');
  registerModels(calibrate, output);
  registerSensor(calibrate, output);
  withNetworks(
    withSets(
      calibrate.command('scores').description('fit likelihood ratios and false match rates to folders of prints'),
    ),
  )
    .option('--matcher <name>', 'whose scores: minutiae, or fused for all matchers together', 'minutiae')
    .option('--out <file>', 'where to write the calibration (default: the one that every door here reads)')
    .action(async (folders: string[], options: Options) => {
      await (options.matcher === FUSED ? calibrateTogether : calibrateOn)(folders, options, output());
    });
}

/** For the table: templates of a middling gallery. */
const EXAMPLE_TEMPLATES = 400;

async function calibrateOn(folders: readonly string[], options: Options, output: Output): Promise<void> {
  const { measurements } = await measureSets(folders, [options.matcher], options, output);
  const calibration = await calibrateScores(measurements, options.matcher);
  await writeOutput(
    options.out ?? fileURLToPath(SHIPPED_CALIBRATION),
    `${JSON.stringify(calibration, undefined, 2)}\n`,
  );

  output.result(calibration);
  const { data, cllr, minCllr } = calibration;
  output.line(colors.bold(`${calibration.matcher}: ${data.genuine} genuine and ${data.impostor} impostor comparisons`));
  output.line(`Cllr ${cllr.toFixed(4)}, at best ${minCllr.toFixed(4)} bits`);
  output.line('false match rate  score');
  for (let fmr = 0.01; fmr >= 1e-9; fmr /= 10) {
    const support =
      fmr >= provenFmr(calibration) ? '' : fmr >= reachOf(calibration) ? 'extrapolated' : 'beyond the data';
    output.line(
      `${fmr.toExponential(0).padStart(16)}  ${scoreAtFmr(calibration, fmr).toFixed(3).padStart(7)}  ${support}`,
    );
  }
  output.line();
  for (const sentence of explainBudget(calibration, DEFAULT_BUDGET, EXAMPLE_TEMPLATES)) output.line(sentence);
}

/** Fits the fusion, and tells how it does on fingers that it was not fitted to. */
async function calibrateTogether(folders: readonly string[], options: Options, output: Output): Promise<void> {
  const { measurements, models } = await measureSets(folders, PARTS, options, output);
  const fusion = await calibrateFusion(measurements, models);
  const crossed = await crossFused(measurements, models, await readScoreCalibration());
  await writeOutput(options.out ?? fileURLToPath(SHIPPED_FUSION), `${JSON.stringify(fusion)}\n`);

  const reports = crossed.map((one) => report([one]));
  if (crossed.length > 1) reports.push(report(crossed));
  output.result({ fusion, crossed: reports });
  for (const { parts, weights, offset, calibration } of fusion.combinations) {
    const sum = parts.map((part, k) => `${weights[k].toPrecision(3)} × ${part}`).join(' + ');
    output.line(
      `${sum} ${offset < 0 ? '−' : '+'} ${Math.abs(offset).toPrecision(3)}: Cllr ${calibration.cllr.toFixed(4)}`,
    );
  }
  output.line();
  output.line('fitted to one half of the fingers and tried on the other, both ways:');
  for (const line of ratesTable(reports)) output.line(line);
}
