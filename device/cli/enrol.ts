import { Option } from 'commander';
import colors from 'picocolors';
import type { Config } from '../config/schema.ts';
import { enrolGoodTouches } from '../gallery/enrol-good-touches.ts';
import type { EnrolmentResult, TouchComparison } from '../gallery/enrolment.ts';
import { findPerson } from '../gallery/find-person.ts';
import { FINGER_POSITIONS, type FingerPosition } from '../gallery/finger-position.ts';
import { openGalleryIn } from '../gallery/open-in-directory.ts';
import type { Person } from '../gallery/person.ts';
import type { TouchTemplate } from '../gallery/template-codec.ts';
import { gatherTouches } from '../gather-touches.ts';
import { MtmMatcher } from '../matching/mtm/matcher.ts';
import { MinutiaeExtractor } from '../minutiae/extract.ts';
import { featuresOf } from '../recognizer.ts';
import { modelsDirectory } from '../models-directory.ts';
import { openInference } from '../inference/open-inference.ts';
import { describeTouch, type Networks } from '../matching/siamese/describe.ts';
import { storedParts } from '../matching/siamese/stored-parts.ts';
import { systemClock } from '../clock.ts';
import { modelsInWords } from './model-words.ts';
import { readScoreCalibration } from '../score-calibration.ts';
import { openSensor } from '../sensor/open-sensor.ts';
import { touchComparison } from '../touch-comparison.ts';
import type { CommandContext } from './command.ts';
import { problemInWords, refusalInWords, stepInWords } from '../enrolment-words.ts';
import { CliError } from './errors.ts';
import { readInput } from './files.ts';
import { interruptible } from './interruptible.ts';
import type { Output } from './output.ts';
import { hintsOf, type ImageOptions, readPrint, withImageOptions } from './print-file.ts';
import { type ConfigOptions, readConfig } from './read-config.ts';
import { reportEvents } from './report-events.ts';
import { sensorTeller } from './sensor-words.ts';

interface Options extends ImageOptions, ConfigOptions {
  readonly person: string;
  readonly finger: FingerPosition;
  readonly externalId?: string;
  readonly replace?: true;
  readonly sensor?: string;
  readonly calibration?: string;
}

/** A file that holds a touch good enough to be tried. */
interface Touch {
  readonly file: string;
  readonly template: TouchTemplate;
}

/** A file that was not enrolled, and why. */
interface LeftOut {
  readonly file: string;
  readonly reason: string;
  readonly words: string;
}

/** The quality of minutiae records, whose impression nobody can judge any more. */
const UNMEASURED_QUALITY = 50;

export function register({ program, output }: CommandContext): void {
  const command = program
    .command('enrol')
    .description('enrol a finger of a person by touches at a sensor, or by several prints of it')
    .argument('[print...]', 'images, or ISO, ANSI, xyt or Whorl minutiae, of one finger')
    .requiredOption('--person <name>', 'name, id or external id of the person; an unknown name makes a new person')
    .addOption(
      new Option('--finger <position>', 'which finger it is').choices(FINGER_POSITIONS).makeOptionMandatory(true),
    )
    .option('--sensor <kind:target>', 'where the finger is touched instead, such as grow:/dev/serial/by-id/…')
    .option('--external-id <id>', 'how another system knows a new person')
    .option('--replace', 'take the place of what is enrolled of this finger')
    .option('--state <directory>', 'where the gallery and its key are kept (default: ./var)')
    .option('--config <file>', 'configuration, JSON (default: config.json in the state directory, if there)')
    .option('--calibration <file>', 'what scores mean (default: the calibration that comes with Whorl)');
  withImageOptions(command).action(async (files: string[], options: Options) => {
    if ((files.length === 0) === (options.sensor === undefined))
      command.error('give either prints of the finger, or the sensor where it is touched: --sensor <kind:target>');
    await enrol(files, options, output());
  });
}

async function enrol(files: readonly string[], options: Options, output: Output): Promise<void> {
  const calibration = await readScoreCalibration(options.calibration);
  const config = readConfig(options, { sensor: options.sensor });
  const gallery = openGalleryIn(config.state, undefined, config.keys);
  const inference = await openInference({ models: modelsDirectory(config), clock: systemClock });
  const { text, whole } = modelsInWords(inference.status());
  if (!whole) output.note(`${text}; the touches are enrolled without what is missing`);
  try {
    const { people } = gallery.contents();
    const known = findPerson(people, options.person);
    const comparison = touchComparison(new MtmMatcher(), calibration);
    const { touches, leftOut } =
      options.sensor === undefined
        ? await readTouches(files, options, inference, output)
        : { touches: await touchSensor(config, options, people, comparison, inference, output), leftOut: [] };
    const { externalId } = options;
    const { result, leftOut: refused } = enrolGoodTouches(gallery, {
      person: known?.id ?? { name: options.person, ...(externalId !== undefined && { externalId }) },
      position: options.finger,
      touches: touches.map(({ template }) => template),
      comparison,
      replace: options.replace === true,
    });
    if (result.kind === 'enrolled') {
      const { position, templates } = result.finger;
      const data = { finger: position, touches: templates.length };
      reportEvents(config, [{ type: 'whorl.person.enrolled', subject: result.person.id, data }]);
    }
    const dropped = refused.map((problem) => ({
      file: touches[problem.touch].file,
      reason: problem.reason,
      words: problemInWords(problem),
    }));
    tell(result, known === undefined, [...leftOut, ...dropped], output);
  } finally {
    gallery.close();
    await inference.close();
  }
}

/** Touches at a sensor, each judged while the person is there. */
async function touchSensor(
  config: Config,
  options: Options,
  people: readonly Person[],
  comparison: TouchComparison,
  networks: Networks,
  output: Output,
): Promise<Touch[]> {
  const extractor = new MinutiaeExtractor();
  const replaced = findPerson(people, options.person)?.fingers.find(({ position }) => position === options.finger);
  if (replaced !== undefined && options.replace !== true)
    throw new CliError(
      'cli.finger-enrolled',
      `${options.person} has a ${options.finger} enrolled; replace it by --replace`,
    );
  const { sensor } = openSensor(config.sensor, { seed: 1, state: config.state, onEvent: sensorTeller(output) });
  try {
    return await interruptible(async (signal) => {
      const gathered = await gatherTouches(
        {
          ...{ sensor, comparison, enrolled: people, ...(replaced && { replaced }) },
          recognizer: { features: (image) => featuresOf(extractor, image, networks) },
          onStep: (step) => {
            output.note(stepInWords(step, options.person));
          },
        },
        signal,
      );
      return (gathered ?? []).map((template, index) => ({ file: `touch ${index + 1}`, template }));
    });
  } finally {
    await sensor.close();
  }
}

async function readTouches(
  files: readonly string[],
  options: Options,
  networks: Networks,
  output: Output,
): Promise<{ touches: Touch[]; leftOut: LeftOut[] }> {
  const touches: Touch[] = [];
  const leftOut: LeftOut[] = [];
  const startedAt = Date.now();
  for (const [done, file] of files.entries()) {
    output.progress('prints', done, files.length, startedAt);
    const { template, captured } = await readPrint(await readInput(file), hintsOf(options));
    const quality = captured?.assessment.quality ?? UNMEASURED_QUALITY;
    if (captured?.assessment.usable === false) {
      const reason = captured.assessment.advice ?? 'partial';
      leftOut.push({ file, reason, words: `not usable, ${reason}` });
    } else
      touches.push({
        file,
        template: {
          minutiae: template,
          quality,
          ...(captured && storedParts(await describeTouch(networks, captured.image))),
        },
      });
  }
  output.progress('prints', files.length, files.length, startedAt);
  return { touches, leftOut };
}

function tell(result: EnrolmentResult, isNew: boolean, leftOut: readonly LeftOut[], output: Output): void {
  const skipped = leftOut.map(({ file, reason }) => ({ file, reason }));
  for (const { file, words } of leftOut) output.line(`${colors.yellow('left out')} ${file}: ${words}`);
  if (result.kind !== 'enrolled') {
    output.result({
      decision: result.kind,
      ...(result.kind === 'retry'
        ? { problems: result.problems }
        : { person: result.person.id, finger: result.finger.position }),
      leftOut: skipped,
    });
    output.line(`${colors.red('not enrolled')}: ${refusalInWords(result)}`);
    return;
  }
  const { person, finger } = result;
  const { position, templates } = finger;
  output.result({
    decision: 'enrolled',
    person: { id: person.id, name: person.name, isNew },
    finger: { id: finger.id, position, templates: templates.length },
    leftOut: skipped,
  });
  output.line(
    `${colors.green('enrolled')}: ${colors.bold(person.name)}${isNew ? ' (new)' : ''}, ${position}, ` +
      `${templates.length} touches`,
  );
  output.line(colors.dim(`person ${person.id}`));
}
