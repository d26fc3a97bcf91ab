import colors from 'picocolors';
import { evidenceOf } from '../matching/decision/evidence.ts';
import { MtmMatcher } from '../matching/mtm/matcher.ts';
import { renderPng } from '../minutiae/overlay.ts';
import { drawPairs } from '../minutiae/pair-overlay.ts';
import { readScoreCalibration } from '../score-calibration.ts';
import type { CommandContext } from './command.ts';
import { rarity } from './evidence-words.ts';
import { readInput, writeOutput } from './files.ts';
import type { Output } from './output.ts';
import { hintsOf, readPrint, withImageOptions, type ImageOptions, type Print } from './print-file.ts';

interface Options extends ImageOptions {
  readonly explain?: string;
  readonly calibration?: string;
}

export function register({ program, output }: CommandContext): void {
  const command = program
    .command('compare')
    .description('compare two prints by their minutiae and show what the score rests on')
    .argument('<probe>', 'image, or ISO, ANSI, xyt or Whorl minutiae')
    .argument('<reference>', 'the same')
    .option('--explain <file>', 'draw both prints with the pairs that were found, as .png or .svg')
    .option('--calibration <file>', 'what scores mean (default: the calibration that comes with Whorl)');
  withImageOptions(command).action(async (probe: string, reference: string, options: Options) => {
    await compare([probe, reference], options, output());
  });
}

async function compare([probePath, referencePath]: [string, string], options: Options, output: Output): Promise<void> {
  const calibration = await readScoreCalibration(options.calibration);
  const hints = hintsOf(options);
  const probe = await readPrint(await readInput(probePath), hints);
  const reference = await readPrint(await readInput(referencePath), hints);
  const matcher = new MtmMatcher();
  const comparison = matcher.compare(matcher.prepare(probe.template), matcher.prepare(reference.template));
  if (options.explain !== undefined) {
    const svg = await drawPairs(sideOf(probe), sideOf(reference), comparison);
    await writeOutput(options.explain, options.explain.endsWith('.svg') ? svg : await renderPng(svg));
  }

  const { score, pairs, alignment } = comparison;
  const evidence = evidenceOf(calibration, score);
  const minutiae = { probe: probe.template.minutiae.length, reference: reference.template.minutiae.length };
  const explain = options.explain === undefined ? {} : { explain: options.explain };
  output.result({ probe: probePath, reference: referencePath, ...evidence, minutiae, pairs, alignment, ...explain });
  const regained = pairs.filter((pair) => pair.regained).length;
  output.line(`score ${colors.bold(score.toFixed(2))}, log-likelihood ratio ${colors.bold(evidence.llr.toFixed(1))}`);
  output.line(rarity(calibration, evidence));
  output.line(`${pairs.length} pairs (${regained} regained) of ${minutiae.probe} and ${minutiae.reference} minutiae`);
  if (alignment) {
    const degrees = (alignment.rotation * 180) / Math.PI;
    const [dx, dy] = [alignment.dx, alignment.dy].map((pixels) => pixels.toFixed(1));
    output.line(`the probe is turned by ${degrees.toFixed(1)}° and moved by ${dx}, ${dy} pixels onto the reference`);
  }
  if (options.explain !== undefined) output.line(`drawn in ${options.explain}: it shows the prints, keep it safe`);
}

function sideOf({ template, captured }: Print): Parameters<typeof drawPairs>[0] {
  return { template, ...(captured && { image: captured.image }) };
}
