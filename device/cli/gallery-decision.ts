import type { Command } from 'commander';
import colors from 'picocolors';
import { requirePerson } from '../gallery/find-person.ts';
import { openGalleryIn } from '../gallery/open-in-directory.ts';
import {
  explainBudget,
  DEFAULT_BUDGET,
  thresholdFor,
  type Budget,
  type Threshold,
} from '../matching/decision/budget.ts';
import { identify, type Decision } from '../matching/decision/decide.ts';
import type { ScoreCalibration } from '../matching/decision/score-calibration.ts';
import { MtmMatcher } from '../matching/mtm/matcher.ts';
import { References, type ReferenceFinger, type ReferencePerson } from '../references.ts';
import { readScoreCalibration } from '../score-calibration.ts';
import { rarity } from './evidence-words.ts';
import { readInput } from './files.ts';
import type { Output } from './output.ts';
import { hintsOf, readPrint, withImageOptions, type ImageOptions } from './print-file.ts';
import { readConfig, type ConfigOptions } from './read-config.ts';

/** Options of commands that decide about a print before the gallery. */
export interface DecisionOptions extends ImageOptions, ConfigOptions {
  readonly calibration?: string;
  readonly explain?: true;
}

/** Adds what such commands have in common. */
export function withDecisionOptions(command: Command): Command {
  return withImageOptions(command)
    .option('--state <directory>', 'where the gallery and its key are kept (default: ./var)')
    .option('--config <file>', 'configuration, JSON (default: config.json in the state directory, if there)')
    .option('--calibration <file>', 'what scores mean (default: the calibration that comes with Whorl)')
    .option('--explain', 'tell how the threshold follows from the budget of false accepts');
}

type Person = ReferencePerson;

/**
 * Compares a print with everybody who is enrolled, or with the claimed person alone, and tells the decision.
 *
 * @param claimed id, external id or name
 * @throws GalleryError also `gallery.unknown-person`, `gallery.ambiguous-person`
 */
export async function decideOn(
  path: string,
  claimed: string | undefined,
  options: DecisionOptions,
  output: Output,
): Promise<void> {
  const calibration = await readScoreCalibration(options.calibration);
  const { template, captured } = await readPrint(await readInput(path), hintsOf(options));
  if (captured?.assessment.usable === false) {
    const advice = captured.assessment.advice ?? 'partial';
    output.result({ print: path, decision: 'retry', advice });
    output.line(`${colors.yellow('retry')}: the print is not good enough, ${advice}`);
    return;
  }
  const config = readConfig(options);
  const gallery = openGalleryIn(config.state, undefined, config.keys);
  try {
    const matcher = new MtmMatcher();
    const probe = matcher.prepare(template);
    const references = new References(gallery, matcher);
    const everyone = [...references.current().people.values()];
    const claimedId = claimed === undefined ? undefined : requirePerson(gallery.contents().people, claimed).id;
    const people = everyone.filter(({ id }) => claimedId === undefined || id === claimedId);
    const scores = people.map((person) => ({
      person,
      fingers: person.fingers.map((finger) => ({
        finger,
        scores: finger.touches.map((touch) => matcher.score(probe, references.unpack(touch).prepared)),
      })),
    }));
    const templates = scores.flatMap(({ fingers }) => fingers.flatMap((finger) => finger.scores)).length;
    const budget = { ...DEFAULT_BUDGET, ...config.falseAccept };
    const threshold = thresholdFor(calibration, budget, templates);
    const decision = identify(calibration, threshold, scores);
    tell({ path, decision, calibration, threshold, templates }, output);
    if (options.explain) tellWhy(calibration, budget, templates, output);
  } finally {
    gallery.close();
  }
}

interface Decided {
  readonly path: string;
  readonly decision: Decision<Person, ReferenceFinger>;
  readonly calibration: ScoreCalibration;
  readonly threshold: Threshold;
  readonly templates: number;
}

function tell({ path, decision, calibration, threshold, templates }: Decided, output: Output): void {
  const { kind } = decision;
  if (!('candidate' in decision)) {
    output.result({ print: path, decision: kind, reason: decision.reason, threshold, templates });
    output.line(`${colors.red('no match')}: nobody is enrolled to compare with`);
    return;
  }
  const { candidate, second, margin } = decision;
  const { evidence } = candidate;
  output.result({
    print: path,
    decision: kind,
    ...('reason' in decision && { reason: decision.reason }),
    nearest: shown(candidate),
    ...(second && { second: shown(second), margin }),
    threshold,
    templates,
  });
  const rival = second && `${second.person.name}, ${margin.toFixed(1)} behind`;
  const name = `${candidate.person.name}, ${candidate.finger.position}`;
  if (kind === 'match') output.line(`${colors.green('match')}: ${colors.bold(name)}`);
  else if (kind === 'ambiguous') output.line(`${colors.yellow('ambiguous')}: ${name}, or ${rival ?? 'another'}`);
  else output.line(`${colors.red('no match')}: too little evidence for anyone, nearest is ${name}`);
  output.line(
    `evidence ${evidence.llr.toFixed(1)} (needed ${threshold.llr.toFixed(1)}), score ${evidence.score.toFixed(2)} ` +
      `(needed ${threshold.score.toFixed(2)}) against ${templates} templates`,
  );
  output.line(rarity(calibration, evidence));
  if (rival !== undefined && kind !== 'ambiguous') output.line(`second: ${rival}`);
}

function tellWhy(calibration: ScoreCalibration, budget: Budget, templates: number, output: Output): void {
  output.line();
  for (const sentence of explainBudget(calibration, budget, templates)) output.line(sentence);
}

function shown({ person, finger, evidence }: { person: Person; finger: ReferenceFinger; evidence: object }): object {
  return { person: { id: person.id, name: person.name }, finger: finger.position, ...evidence };
}
