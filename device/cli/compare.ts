import colors from 'picocolors';
import { systemClock } from '../clock.ts';
import { modelIdsOf, readFusionFile } from '../fusion-file.ts';
import { openInference } from '../inference/open-inference.ts';
import type { ScoreCalibration } from '../matching/decision/score-calibration.ts';
import { FusionError } from '../matching/fusion/errors.ts';
import { fits, Fusion } from '../matching/fusion/fusion.ts';
import type { ModelIds, PartScores } from '../matching/fusion/parts.ts';
import { cosineOf } from '../matching/latent/cosine.ts';
import { type CellVote, votesOf } from '../matching/siamese/cell-votes.ts';
import { describeTouch, type TouchDescription } from '../matching/siamese/describe.ts';
import { packGrid, readGrid } from '../matching/siamese/grid-codec.ts';
import { type GridComparison, headFeeds, readHead } from '../matching/siamese/head.ts';
import { CELL, GRID_SIDE, MODEL_DPI } from '../matching/siamese/layout.ts';
import { SHIPPED_MODELS } from '../models-directory.ts';
import { modelsInWords } from './model-words.ts';
import { type Evidence, evidenceOf } from '../matching/decision/evidence.ts';
import { MtmMatcher } from '../matching/mtm/matcher.ts';
import { WORKING_DPI } from '../imaging/gray-image.ts';
import { renderPng } from '../minutiae/overlay.ts';
import { type DrawnCell, drawPairs } from '../minutiae/pair-overlay.ts';
import { readScoreCalibration } from '../score-calibration.ts';
import type { CommandContext } from './command.ts';
import { rarity } from './evidence-words.ts';
import { readInput, writeOutput } from './files.ts';
import type { Output } from './output.ts';
import { hintsOf, readPrint, withImageOptions, type ImageOptions, type Print } from './print-file.ts';

interface Options extends ImageOptions {
  readonly explain?: string;
  readonly calibration?: string;
  readonly models: string;
}

export function register({ program, output }: CommandContext): void {
  const command = program
    .command('compare')
    .description('compare two prints by all matchers and show what their scores rest on')
    .argument('<probe>', 'image, or ISO, ANSI, xyt or Whorl minutiae')
    .argument('<reference>', 'the same')
    .option('--explain <file>', 'draw both prints with the pairs and the cells that spoke, as .png or .svg')
    .option('--calibration <file>', 'what scores of minutiae mean (default: the calibration that comes with Whorl)')
    .option('--models <directory>', 'of the models and their manifest', SHIPPED_MODELS);
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
  const networks = await compareByNetworks(probe, reference, options.models, output);
  if (options.explain !== undefined) {
    const svg = await drawPairs(
      { ...sideOf(probe), ...(networks && { cells: networks.cells.probe }) },
      { ...sideOf(reference), ...(networks && { cells: networks.cells.reference }) },
      comparison,
    );
    await writeOutput(options.explain, options.explain.endsWith('.svg') ? svg : await renderPng(svg));
  }

  const { score, pairs, alignment } = comparison;
  const evidence = evidenceOf(calibration, score);
  const minutiae = { probe: probe.template.minutiae.length, reference: reference.template.minutiae.length };
  const explain = options.explain === undefined ? {} : { explain: options.explain };
  const neural = networks && {
    siamese: networks.siamese,
    ...(networks.latent !== undefined && { latent: networks.latent }),
  };
  const fused = networks && (await fusedEvidence({ minutiae: score, ...neural }, networks.models, calibration));
  output.result({
    ...{ probe: probePath, reference: referencePath, ...evidence, minutiae, pairs, alignment, ...explain },
    ...(networks && { ...neural, rotation: networks.rotation, shift: networks.shift }),
    ...(fused && { fused }),
  });
  const regained = pairs.filter((pair) => pair.regained).length;
  output.line(`score ${colors.bold(score.toFixed(2))}, log-likelihood ratio ${colors.bold(evidence.llr.toFixed(1))}`);
  output.line(rarity(calibration, evidence));
  output.line(`${pairs.length} pairs (${regained} regained) of ${minutiae.probe} and ${minutiae.reference} minutiae`);
  if (alignment) {
    const degrees = (alignment.rotation * 180) / Math.PI;
    const [dx, dy] = [alignment.dx, alignment.dy].map((pixels) => pixels.toFixed(1));
    output.line(`the probe is turned by ${degrees.toFixed(1)}° and moved by ${dx}, ${dy} pixels onto the reference`);
  }
  if (networks) {
    const degrees = ((networks.rotation * 180) / Math.PI).toFixed(0);
    const cosine = networks.latent === undefined ? '' : `, latents’ cosine ${networks.latent.toFixed(2)}`;
    output.line(`siamese ${colors.bold(networks.siamese.toFixed(2))} at a turn of ${degrees}°${cosine}`);
  }
  if (fused) output.line(`all together: log-likelihood ratio ${colors.bold(fused.llr.toFixed(1))}`);
  if (options.explain !== undefined) output.line(`drawn in ${options.explain}: it shows the prints, keep it safe`);
}

function sideOf({ template, captured }: Print): Parameters<typeof drawPairs>[0] {
  return { template, ...(captured && { image: captured.image }) };
}

interface NetworkComparison {
  readonly siamese: number;
  readonly rotation: number;
  readonly shift: GridComparison['shift'];
  readonly latent?: number;
  readonly cells: Readonly<Record<'probe' | 'reference', readonly DrawnCell[]>>;
  readonly models: ModelIds;
}

/** Nothing where one of the two is no picture, or without models. */
async function compareByNetworks(
  probe: Print,
  reference: Print,
  models: string,
  output: Output,
): Promise<NetworkComparison | undefined> {
  if (probe.captured === undefined || reference.captured === undefined) return undefined;
  const inference = await openInference({ models, clock: systemClock });
  try {
    const status = modelsInWords(inference.status());
    if (!status.whole) output.note(`${status.text}; compared without what is missing`);
    if (inference.ready('siamese') === undefined) return undefined;
    const one = await describeTouch(inference, probe.captured.image);
    const other = await describeTouch(inference, reference.captured.image);
    if (one === undefined || other === undefined) return undefined;
    const stored = packGrid(other.grid.values);
    const [comparison] = readHead(await inference.run('siamese', headFeeds(one.grid.values, [stored])));
    const votes = votesOf(one.grid.values, readGrid(stored), comparison);
    const { score, rotation, shift } = comparison;
    return {
      ...{ siamese: score, rotation, shift },
      ...(one.latent && other.latent && { latent: cosineOf(one.latent.values, other.latent.values) }),
      cells: { probe: cellsOf(one, votes, 'probe'), reference: cellsOf(other, votes, 'reference') },
      models: modelIdsOf(inference),
    };
  } finally {
    await inference.close();
  }
}

/** Pixels at 500 dpi of a cell's side. */
const SIDE = (CELL * WORKING_DPI) / MODEL_DPI;

function cellsOf({ window }: TouchDescription, votes: readonly CellVote[], which: 'probe' | 'reference'): DrawnCell[] {
  return votes.map(({ vote, [which]: cell }) => ({
    x: SIDE * (window.column + (cell % GRID_SIDE)),
    y: SIDE * (window.row + Math.floor(cell / GRID_SIDE)),
    side: SIDE,
    vote,
  }));
}

/** Nothing where the fusion was fitted to other models. */
async function fusedEvidence(
  scores: PartScores,
  models: ModelIds,
  minutiae: ScoreCalibration,
): Promise<Evidence | undefined> {
  try {
    const file = await readFusionFile();
    if (!fits(file, models)) return undefined;
    const fusion = new Fusion(minutiae, file);
    return evidenceOf(fusion.calibration, fusion.score(scores));
  } catch (error) {
    if (error instanceof FusionError) return undefined;
    throw error;
  }
}
