import packageJson from '../../package.json' with { type: 'json' };
import { InvalidArgumentError } from 'commander';
import colors from 'picocolors';
import { systemClock } from '../clock.ts';
import { settings } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { EventsError } from '../events/errors.ts';
import { publicBrokerUrl } from '../events/link.ts';
import { topicsOf } from '../events/topics.ts';
import { openStation, type Station } from '../main.ts';
import { outcomeOf } from '../outcome.ts';
import { enrolEnrollees } from '../rehearse.ts';
import { ServiceNotices } from '../service/service-notices.ts';
import type { Ending } from '../terminal.ts';
import type { CommandContext } from './command.ts';
import { enrolAtSensor } from './enrol-at-sensor.ts';
import { doorInWords } from './door-words.ts';
import { modelChangeInWords, modelsInWords } from './model-words.ts';
import type { Output } from './output.ts';
import { readConfig } from './read-config.ts';
import { sensorTeller } from './sensor-words.ts';
import { TouchLog } from './touch-log.ts';

interface Options {
  readonly config?: string;
  readonly state?: string;
  readonly device?: string;
  readonly sensor?: string;
  readonly broker?: string;
  readonly brokerPort?: number;
  readonly enrol?: readonly string[];
  readonly touches?: number;
  readonly seed: number;
}

/** How long the last events may take to reach the broker when the touches are done, and when somebody is waiting. */
const DELIVERY_MS = 15_000;
const HASTY_DELIVERY_MS = 2_000;
/** A step of a touch that lasts longer will never end: the watchdog may have the terminal. Sensors and models give up sooner. */
const HUNG_MS = 30_000;

export function register({ program, output }: CommandContext): void {
  program
    .command('start')
    .description('run the terminal: sensor, recognition, door and events')
    .option('--sensor <kind:target>', 'where touches come from: folder:<images>, grow:<serial port>, uru4000:, nb1010:')
    .option('--enrol <names>', 'first enrol these people by touches at the sensor: Ada,Grace', namesOf)
    .option('--touches <number>', 'stop after so many touches', wholeNumber(1))
    .option('--broker <url>', 'send events to this MQTT broker instead of an embedded one')
    .option('--broker-port <port>', 'where the embedded broker listens (0: any free port)', wholeNumber(0))
    .option('--state <directory>', 'where gallery, key and outbox are kept (default: ./var)')
    .option('--device <name>', 'name of this terminal')
    .option('--seed <number>', 'decides the order of a rehearsal’s touches', wholeNumber(0), 1)
    .option('--config <file>', 'configuration, JSON (default: config.json in the state directory, if there)')
    .addHelpText('after', () => `\nSettings, in the configuration file or the environment:\n${settingsTable()}`)
    .action(async (options: Options) => {
      await start(options, output());
    });
}

async function start(options: Options, output: Output): Promise<void> {
  const { sensor, device, broker, brokerPort } = options;
  const config = readConfig(options, { sensor, device, 'broker.url': broker, 'broker.port': brokerPort });
  const interrupted = new AbortController();
  const interrupt = (): void => {
    interrupted.abort(new Error('interrupted'));
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const station = await openStation({
    config,
    seed: options.seed,
    onLink: (change) => {
      if (!change.up) output.note(`events wait on disk: the broker cannot be reached (${change.reason})`);
    },
    onSensor: sensorTeller(output),
    onDoor: (change) => {
      const words = doorInWords(change);
      if (words !== undefined) output.note(words);
    },
    onModels: (change) => {
      const words = modelChangeInWords(change);
      if (words !== undefined) output.note(words);
    },
    onTrouble: ({ code, message }) => {
      output.note(`${code}: ${message}`);
    },
  });
  try {
    await operate(station, config, options, output, interrupted.signal);
  } finally {
    await station.close();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

/** One run of the terminal, from the first words on the screen to the last event's acknowledgement. */
async function operate(
  station: Station,
  config: Config,
  { enrol, touches: most = Infinity }: Options,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const { link, outbox, recognizer, rehearsal, sensor, terminal } = station;
  introduce(station, config, output);
  if (enrol === undefined) await fillGallery(station, output, signal);
  else await enrolAtSensor(station, enrol, output, signal);

  const { damaged, touchAgain, people } = recognizer.contents();
  if (touchAgain.length > 0) {
    const whom = touchAgain.flatMap((id) => people.get(id)?.name ?? []).join(', ');
    output.note(
      `enrolled with other models, or none: ${whom}. They are recognised by minutiae alone; enrol them again with --replace`,
    );
    station.commit({ type: 'whorl.models.touch-again', data: { people: touchAgain.length } });
  }
  if (damaged > 0) {
    output.note(`${damaged} records of the gallery are damaged: the people behind them are not recognised`);
    station.commit({ type: 'whorl.gallery.damaged', data: { records: damaged } });
  }
  const names = new Set([...recognizer.contents().people.values()].map(({ name }) => name));
  const log = new TouchLog(output, (origin) => {
    const name = rehearsal?.nameOf(origin) ?? origin;
    return { name, enrolled: names.has(name) };
  });
  station.commit({
    type: 'whorl.terminal.started',
    data: { version: packageJson.version, sensor: sensor.describe().link, people: names.size },
  });
  const notices = new ServiceNotices({
    environment: process.env,
    clock: systemClock,
    progress: () => terminal.busyMs < HUNG_MS,
    onTrouble: (reason) => {
      output.note(reason);
    },
  });
  notices.ready(`${names.size} people, touches from ${sensor.describe().link}`);
  const ending: Ending = signal.aborted
    ? 'asked'
    : await terminal.run(signal, most, (touch) => {
        station.door.signal(outcomeOf(touch).signal);
        log.add(touch);
        // Its pictures are tens of megabytes that V8 would keep until many more have come; now nobody waits.
        globalThis.gc?.();
      });
  await station.lock();
  await notices.stopping();
  station.commit({ type: 'whorl.terminal.stopped', data: { reason: ending } });

  const patience = AbortSignal.timeout(signal.aborted ? HASTY_DELIVERY_MS : DELIVERY_MS);
  await link.drained(signal.aborted ? patience : AbortSignal.any([patience, signal])).catch(() => undefined);
  const events = { ...link.counts, waiting: outbox.waiting };
  log.summarize({ ending, phases: terminal.times, events });
  if (events.waiting > 0 && ending !== 'asked')
    throw new EventsError(
      'events.not-drained',
      `${events.waiting} events were not acknowledged at ${publicBrokerUrl(station.brokerUrl)}; they are kept in ${config.state} and will be sent when terminal, broker and collector run (without a collector, set events.acknowledgedBy to broker)`,
    );
}

function introduce({ brokerUrl, inference, outbox, sensor }: Station, { device, door }: Config, output: Output): void {
  const address = publicBrokerUrl(brokerUrl);
  const { hostname, port } = new URL(address);
  const waiting = outbox.waiting > 0 ? `, ${outbox.waiting} events from before are sent first` : '';
  output.line(`${colors.bold(`Whorl ${device}`)}, touches from ${sensor.describe().link}, door: ${door.board}`);
  const { text, whole } = modelsInWords(inference.status());
  output.line(whole ? text : colors.yellow(text));
  output.line(`events go to ${address} as ${topicsOf(device).event}${waiting}`);
  output.line(colors.dim(`watch them: mosquitto_sub -h ${hostname} -p ${port === '' ? '1883' : port} -t 'whorl/#' -v`));
}

async function fillGallery(station: Station, output: Output, signal: AbortSignal): Promise<void> {
  const { recognizer, rehearsal } = station;
  const before = recognizer.contents().people.size;
  if (before > 0) {
    output.line(`${before} people are enrolled`);
    return;
  }
  if (rehearsal === undefined) {
    output.line(
      colors.yellow(
        'nobody is enrolled: no touch opens the door. Stop this terminal and start it with --enrol NAME,NAME, or run whorl enrol --person NAME --finger F --sensor …',
      ),
    );
    return;
  }
  const begin = Date.now();
  const { enrollees, strangers } = rehearsal;
  output.line(
    `nobody is enrolled yet: the first touches of ${enrollees.length} people are enrolled now, ${strangers} people stay strangers`,
  );
  try {
    const refusals = await enrolEnrollees(station, rehearsal, signal, (done, total) => {
      output.progress('enrolling', done, total, begin);
    });
    for (const { name, reason } of refusals) output.line(colors.yellow(`${name} could not be enrolled: ${reason}`));
    output.line(
      `${recognizer.contents().people.size} people enrolled in ${((Date.now() - begin) / 1000).toFixed(1)} s`,
    );
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function settingsTable(): string {
  return settings()
    .map(({ path, variable, description, default: usual }) => {
      const otherwise = usual === undefined ? '' : ` (default: ${JSON.stringify(usual)})`;
      return `  ${path.padEnd(28)} ${variable.padEnd(34)} ${description}${otherwise}`;
    })
    .join('\n');
}

function namesOf(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('It must be names with commas between them.');
  return names;
}

function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || !Number.isSafeInteger(value))
      throw new InvalidArgumentError(`It must be a whole number, ${least} or more.`);
    return value;
  };
}
