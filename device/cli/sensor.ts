import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import colors from 'picocolors';
import { encodePng } from '../imaging/encode.ts';
import { MinutiaeExtractor } from '../minutiae/extract.ts';
import { outcomeOf } from '../outcome.ts';
import { featuresOf } from '../recognizer.ts';
import { linkOf, openSensor } from '../sensor/open-sensor.ts';
import { isSame, nameOfSensor, PAIRING_FILE, PairingFile } from '../sensor/pairing.ts';
import type { Capture, Sensor, SensorDescription } from '../sensor/sensor.ts';
import { listSerialPorts } from '../sensor/serial-ports.ts';
import { listReaders } from '../sensor/usb/list-readers.ts';
import type { CommandContext } from './command.ts';
import { CliError } from './errors.ts';
import { interruptible } from './interruptible.ts';
import type { Output } from './output.ts';
import { writePrivateFile } from './private-file.ts';
import { type ConfigOptions, readConfig } from './read-config.ts';
import { reportEvents } from './report-events.ts';
import { sensorTeller } from './sensor-words.ts';
import { register as registerSimulate } from './simulate-sensor.ts';
import { table } from './table.ts';

interface Options extends ConfigOptions {
  readonly sensor?: string;
}

export function register({ program, output }: CommandContext): void {
  const group = program.command('sensor').description('find, try and accept sensors, and simulate one');
  const add = (usage: string, description: string): Command =>
    group
      .command(usage)
      .description(description)
      .option('--sensor <kind:target>', 'which one (default: that of the configuration)')
      .option('--state <directory>', 'where the terminal keeps what it knows (default: ./var)')
      .option('--config <file>', 'configuration, JSON (default: config.json in the state directory, if there)');

  group
    .command('list')
    .description('serial ports and USB readers of this machine, by names that last')
    .action(async () => {
      await list(output());
    });
  add('info', 'what the sensor tells of itself, and whether it is the one that belongs here').action(
    async (options: Options) => {
      await info(options, output());
    },
  );
  add('watch', 'tell everything that happens at the sensor, until Ctrl-C')
    .option('--touches <number>', 'stop after so many touches', count)
    .action(async (options: Options & { readonly touches?: number }) => {
      await watch(options, options.touches ?? Infinity, output());
    });
  add('capture', 'wait for a finger and keep its picture: this is a biometric, handle it as one')
    .argument('<file>', 'PNG to write, readable by you alone; it must not be there yet')
    .action(async (file: string, options: Options) => {
      await capture(file, options, output());
    });
  add('accept', 'let the sensor that was found in the place of another belong to this terminal').action(
    async (options: Options) => {
      await accept(options, output());
    },
  );
  registerSimulate(group, output);
}

async function list(output: Output): Promise<void> {
  const ports = await listSerialPorts();
  const readers = await listReaders();
  output.result({ ports, readers });
  const rows = [
    ...ports.map(({ path, device }) => [`grow:${path}`, path === device ? 'built in' : `now ${device}`]),
    ...readers.map(({ specification, model }) => [specification, model]),
  ];
  if (rows.length === 0) output.line('neither a serial adapter nor a known USB reader is plugged in');
  else for (const line of table(['--sensor', ''], rows)) output.line(line);
}

async function info(options: Options, output: Output): Promise<void> {
  const config = readConfig(options, { sensor: options.sensor });
  const found = await describeNow(config.sensor);
  const isHardware = linkOf(config.sensor) !== undefined;
  const { paired, refused } = isHardware ? new PairingFile(join(config.state, PAIRING_FILE)).read() : {};
  const belongs = paired === undefined ? undefined : isSame(paired, found);
  output.result({ sensor: found, ...(paired && { paired, belongs }), ...(refused && { refused }) });
  const { model, serial, link, geometry, dpi } = found;
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['model', model],
    ['serial number', serial ?? 'none: it gets a mark when it is paired'],
    ['link', link],
    ['picture', geometry && `${geometry.width} × ${geometry.height} pixels`],
    ['resolution', dpi === undefined ? undefined : `${dpi} dpi`],
    ['belongs here', paired === undefined ? undefined : belongs ? 'yes' : `no, that is ${nameOfSensor(paired)}`],
  ];
  for (const [name, value] of lines) if (value !== undefined) output.line(`${name.padEnd(14)} ${value}`);
}

/** Hardware is asked, whatever else is known. */
async function describeNow(specification: string): Promise<SensorDescription> {
  const link = linkOf(specification);
  const signal = new AbortController().signal;
  if (link === undefined) return openSensor(specification, { seed: 1, onEvent: () => undefined }).sensor.describe();
  const connection = await link.connect(signal, () => undefined);
  try {
    return connection.describe();
  } finally {
    await connection.close();
  }
}

async function watch(options: Options, most: number, output: Output): Promise<void> {
  const extractor = new MinutiaeExtractor();
  const touches: object[] = [];
  await withSensor(options, output, async (sensor, signal) => {
    output.note(`waiting for fingers at ${sensor.describe().link}, Ctrl-C ends it`);
    while (touches.length < most && !signal.aborted) {
      if ((await sensor.waitForFinger(signal)) === 'ended') return;
      const begin = performance.now();
      const touch = await sensor.capture(signal);
      const ms = Math.round(performance.now() - begin);
      touches.push({ ...(await toldOf(touch, extractor, output, ms)), ms });
      await sensor.waitForLift(signal);
    }
  });
  output.result({ touches });
}

async function toldOf(touch: Capture, extractor: MinutiaeExtractor, output: Output, ms: number): Promise<object> {
  if (touch.kind === 'retry') {
    output.line(`${colors.yellow('retry')}  ${outcomeOf(touch).text}`);
    return touch;
  }
  const { width, height, dpi } = touch.image;
  const extracted = await featuresOf(extractor, touch.image);
  const verdict =
    extracted.kind === 'retry'
      ? colors.yellow(outcomeOf(extracted).text)
      : `quality ${extracted.features.quality}, ${extracted.features.minutiae.minutiae.length} minutiae`;
  output.line(`${colors.green('touch')}  ${width} × ${height}, ${dpi} dpi, ${(ms / 1000).toFixed(1)} s: ${verdict}`);
  return {
    ...{ kind: 'image', width, height, dpi },
    ...(extracted.kind === 'retry'
      ? { advice: extracted.reason }
      : { quality: extracted.features.quality, minutiae: extracted.features.minutiae.minutiae.length }),
  };
}

async function capture(file: string, options: Options, output: Output): Promise<void> {
  await withSensor(options, output, async (sensor, signal) => {
    for (;;) {
      output.note('touch the sensor');
      if ((await sensor.waitForFinger(signal)) === 'ended')
        throw new CliError('cli.no-touch', `${sensor.describe().link} has no touch left`);
      const begin = performance.now();
      const touch = await sensor.capture(signal);
      const ms = Math.round(performance.now() - begin);
      if (touch.kind === 'image') {
        const { width, height, dpi } = touch.image;
        await writePrivateFile(file, await encodePng(touch.image));
        output.result({ file, width, height, dpi, ms });
        output.line(`${file}: ${width} × ${height}, ${dpi} dpi, read in ${(ms / 1000).toFixed(1)} s`);
        return;
      }
      output.note(`once more: ${outcomeOf(touch).text}`);
      await sensor.waitForLift(signal);
    }
  });
}

async function accept(options: Options, output: Output): Promise<void> {
  const config = readConfig(options, { sensor: options.sensor });
  const link = linkOf(config.sensor);
  if (link === undefined)
    throw new CliError('cli.no-hardware', `${config.sensor} is no hardware: there is nothing to accept`);
  const pairing = new PairingFile(join(config.state, PAIRING_FILE));
  const { refused } = readable(pairing);
  // The terminal that refused it holds the port: what it saw is what is accepted.
  const found = refused ?? (await describeNow(config.sensor));
  pairing.pair(found);
  const { model, serial } = found;
  const identity = { model, ...(serial !== undefined && { serial }) };
  reportEvents(config, [{ type: 'whorl.sensor.accepted', data: identity }]);
  output.result({ accepted: identity });
  output.line(`${colors.green('accepted')}: ${nameOfSensor(found)} belongs to this terminal now`);
}

/** Accepting is also the way out of a pairing file that nobody can read. */
function readable(pairing: PairingFile): ReturnType<PairingFile['read']> {
  try {
    return pairing.read();
  } catch {
    return {};
  }
}

/** Whatever is plugged in: to look at a sensor does not make it this terminal's own. */
async function withSensor(
  options: Options,
  output: Output,
  act: (sensor: Sensor, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const config = readConfig(options, { sensor: options.sensor });
  const { sensor } = openSensor(config.sensor, { seed: 1, onEvent: sensorTeller(output) });
  await interruptible(async (signal) => {
    try {
      await act(sensor, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await sensor.close();
    }
  });
}

function count(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It must be a whole number, 1 or more.');
  return Number(text);
}
