import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import colors from 'picocolors';
import { drawBeforeAfter } from '../../calibration/sensor/before-after.ts';
import type { Judgement } from '../../calibration/sensor/verdict.ts';
import { CALIBRATION_VERDICTS, gatheringInWords, whatToLay } from '../calibration-words.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import { gatherCaptures, type GatheredCalibration, type GatheringStep } from '../gather-captures.ts';
import { keepCalibration } from '../keep-calibration.ts';
import { openSensor } from '../sensor/open-sensor.ts';
import { nameOfSensor } from '../sensor/pairing.ts';
import type { Laid } from '../sensor/rehearsal.ts';
import type { SensorDescription } from '../sensor/sensor.ts';
import type { CommandContext } from './command.ts';
import { CliError } from './errors.ts';
import { interruptible } from './interruptible.ts';
import type { Output } from './output.ts';
import { writePrivateFile } from './private-file.ts';
import { Prompt } from './prompt.ts';
import { type ConfigOptions, readConfig } from './read-config.ts';
import { reportEvents } from './report-events.ts';
import { sensorTeller } from './sensor-words.ts';

interface Options extends ConfigOptions {
  readonly sensor?: string;
  readonly pitch: number;
  readonly pictures?: string;
}

export function registerSensor(calibrate: Command, output: CommandContext['output']): void {
  calibrate
    .command('sensor')
    .description('lead a technician through measuring a sensor; its captures are corrected from then on')
    .option('--sensor <kind:target>', 'which one (default: that of the configuration); artificial:worn to try it out')
    .option('--pitch <mm>', 'from one line of the ruled target to the next', millimetres, 1)
    .option('--pictures <file>', 'PNG to write, before and after; it shows a fingerprint: handle it as one')
    .option('--state <directory>', 'where the terminal keeps what it knows (default: ./var)')
    .option('--config <file>', 'configuration, JSON (default: config.json in the state directory, if there)')
    .action(async (options: Options) => {
      await calibrateSensor(options, output());
    });
}

const MARKS: Readonly<Record<Judgement, string>> = {
  fine: colors.green('fine'.padEnd(9)),
  corrected: colors.yellow('corrected'),
  act: colors.red('act'.padEnd(9)),
};

const COLOURS: Readonly<Record<Judgement, (text: string) => string>> = {
  fine: colors.green,
  corrected: colors.yellow,
  act: colors.red,
};

async function calibrateSensor(options: Options, output: Output): Promise<void> {
  const { pictures } = options;
  if (pictures !== undefined && existsSync(pictures))
    throw new CliError('cli.unwritable-file', `${pictures} is there already: name a new file`);
  const config = readConfig(options, { sensor: options.sensor });
  const opened = openSensor(config.sensor, {
    seed: 1,
    state: config.state,
    onEvent: sensorTeller(output),
  });
  const { uncorrected, rehearsal } = opened;
  const prompt = rehearsal === undefined ? new Prompt() : undefined;
  const lay = async (laid: Laid, number: number): Promise<boolean> => {
    rehearsal?.lay?.(laid);
    return prompt === undefined || (await askFor(prompt, laid, number));
  };
  try {
    if (rehearsal !== undefined && rehearsal.lay === undefined)
      throw new CliError('cli.no-hardware', `${config.sensor} is no hardware: there is nothing to calibrate`);
    await interruptible(async (signal) => {
      const connect = (until: AbortSignal): Promise<void> => opened.connect(until);
      await connect(signal);
      const onStep = (step: GatheringStep): void => {
        output.note(gatheringInWords(step));
      };
      const parts = { sensor: uncorrected, clock: systemClock, pitch: options.pitch, connect, lay, onStep };
      await keep(await gatherCaptures(parts, signal), uncorrected.describe(), config, pictures, output);
    });
  } finally {
    prompt?.close();
    await uncorrected.close();
  }
}

async function askFor(prompt: Prompt, laid: Laid, number: number): Promise<boolean> {
  const answer = await prompt.ask(`${whatToLay(laid, number)} [Enter; s: skip]`);
  return answer !== 's';
}

async function keep(
  { captures, calibration }: GatheredCalibration,
  sensor: SensorDescription,
  config: Config,
  pictures: string | undefined,
  output: Output,
): Promise<void> {
  const { identity, verdict, findings, path } = keepCalibration(config.state, sensor, calibration, (report) => {
    reportEvents(config, [report]);
  });
  const { profile } = calibration;
  if (pictures !== undefined) await writePrivateFile(pictures, await drawBeforeAfter(captures, calibration));

  output.result({
    ...{ sensor: identity, verdict, findings, measured: calibration.findings },
    ...{ dpi: profile.dpi, usable: profile.usable },
    ...(path !== undefined && { profile: path }),
    ...(pictures !== undefined && { pictures }),
  });
  output.line(colors.bold(nameOfSensor(sensor)));
  for (const { judgement, words } of findings) output.line(`${MARKS[judgement]}  ${words}`);
  output.line(COLOURS[verdict](CALIBRATION_VERDICTS[verdict]));
  if (path !== undefined) output.line(colors.dim(`profile: ${path}`));
  if (pictures !== undefined) output.line(colors.dim(`before and after: ${pictures}`));
}

function millimetres(text: string): number {
  const value = Number(text);
  if (!(value >= 0.2 && value <= 5)) throw new InvalidArgumentError('It must be 0.2 to 5 mm.');
  return value;
}
