import { createInterface } from 'node:readline';
import { type Command, InvalidArgumentError } from 'commander';
import colors from 'picocolors';
import { SIMULATED_MODELS } from '../sensor/grow/simulated/module-models.ts';
import { SimulatedSensor } from '../sensor/grow/simulated/simulated-sensor.ts';
import { interruptible } from './interruptible.ts';
import type { Output } from './output.ts';

interface Options {
  readonly link?: string;
  readonly seed: number;
  readonly password?: number;
  readonly serial?: string;
  readonly byHand?: true;
}

export function register(group: Command, output: () => Output): void {
  group
    .command('simulate')
    .description('a sensor without hardware, at a port of its own, touched by people who never lived; until Ctrl-C')
    .argument('<model>', Object.keys(SIMULATED_MODELS).join(', '))
    .option('--by-hand', 'read from the keyboard who touches, and unplug, plug, restart')
    .option('--link <path>', 'a link to its port, the same after every unplugging')
    .option('--serial <text>', 'its serial number, where the model has one')
    .option('--password <number>', 'its password', number)
    .option('--seed <number>', 'who the people are', number, 1)
    .action(async (model: string, options: Options) => {
      await interruptible((signal) => simulate(model, options, output(), signal));
    });
}

async function simulate(model: string, options: Options, output: Output, signal: AbortSignal): Promise<void> {
  const { link, seed, password, serial, byHand } = options;
  const sensor = new SimulatedSensor({
    ...{ model, seed },
    ...(link !== undefined && { link }),
    ...(password !== undefined && { password }),
    ...(serial !== undefined && { serial }),
    onTouch: ({ name, number: touch, purpose }) => {
      output.line(`touch ${touch}: ${name}${purpose === 'enrolment' ? ', carefully' : ''}`);
    },
  });
  await sensor.plug();
  try {
    const { names } = sensor.people;
    output.line(`a simulated ${colors.bold(model)} is plugged in at ${colors.bold(sensor.path ?? '')}`);
    output.line(colors.dim(`  npm start -- --sensor grow:${sensor.path ?? ''} --enrol ${names.join(',')}`));
    if (byHand === true) await obey(sensor, output, signal);
    else await sensor.people.come(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await sensor.unplug();
  }
}

/** One order a line, until there are no more. */
async function obey(sensor: SimulatedSensor, output: Output, signal: AbortSignal): Promise<void> {
  output.line(
    colors.dim(`  orders: ${sensor.people.names.join(', ')}, Bao's other finger, stranger 1, unplug, plug, restart`),
  );
  for await (const line of createInterface({ input: process.stdin, signal })) {
    const order = line.trim();
    if (order === 'unplug') await sensor.unplug();
    else if (order === 'plug') await sensor.plug();
    else if (order === 'restart') sensor.restart();
    else if (order !== '' && !(await sensor.people.call(order, signal))) output.note(`nobody here is ${order}`);
    output.line(colors.dim(`done: ${order}`));
  }
}

function number(text: string): number {
  const value = Number(text);
  if (!/^(\d+|0x[0-9a-f]+)$/i.test(text) || value > 0xff_ff_ff_ff)
    throw new InvalidArgumentError('It must be a whole number below 2^32.');
  return value;
}
