import { fileURLToPath } from 'node:url';
import colors from 'picocolors';
import { calibrateScores } from '../../calibration/score-calibration.ts';
import { DEFAULT_BUDGET, explainBudget } from '../matching/decision/budget.ts';
import { provenFmr, reachOf, scoreAtFmr } from '../matching/decision/evidence.ts';
import { SHIPPED_CALIBRATION } from '../score-calibration.ts';
import type { CommandContext } from './command.ts';
import { writeOutput } from './files.ts';
import { measureSets, type MeasureOptions, withSets } from './measure-sets.ts';
import type { Output } from './output.ts';

interface Options extends MeasureOptions {
  readonly matcher: string;
  readonly out?: string;
}

export function register({ program, output }: CommandContext): void {
  const calibrate = program.command('calibrate').description('fit what scores mean to prints of known fingers');
  withSets(calibrate.command('scores').description('fit likelihood ratios and false match rates to folders of prints'))
    .option('--matcher <name>', 'whose scores', 'minutiae')
    .option('--out <file>', 'where to write the calibration (default: the one that every door here reads)')
    .action(async (folders: string[], options: Options) => {
      await calibrateOn(folders, options, output());
    });
}

/** For the table: templates of a middling gallery. */
const EXAMPLE_TEMPLATES = 400;

async function calibrateOn(folders: readonly string[], options: Options, output: Output): Promise<void> {
  const measurements = await measureSets(folders, [options.matcher], options, output);
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
