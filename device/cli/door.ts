import { type Command, InvalidArgumentError } from 'commander';
import colors from 'picocolors';
import { askTerminal } from '../control-socket.ts';
import type { DoorRequest } from '../door-desk.ts';
import type { DoorStatus } from '../door/door.ts';
import type { CommandContext } from './command.ts';
import { type OperatorOptions, operatorOf, withOperator } from './operator.ts';
import type { Output } from './output.ts';
import { type ConfigOptions, readConfig } from './read-config.ts';

type Options = ConfigOptions & OperatorOptions;

const PHASES: Readonly<Record<DoorStatus['phase'], string>> = {
  unknown: 'its contact has not told yet',
  closed: 'closed',
  unlocking: 'closed, waiting to be opened',
  open: 'open',
  'pre-alarm': 'open for long',
  'held-open': 'held open (alarm)',
  forced: 'forced open (alarm)',
};

const MODES: Readonly<Record<DoorStatus['mode'], string>> = {
  normal: 'normal: who may pass opens it',
  unlocked: 'unlocked for everybody',
  lockdown: 'locked down: nobody enters, the exit button works',
  evacuation: 'unlocked by the fire signal',
};

export function register({ program, output }: CommandContext): void {
  const group = program.command('door').description('the door of the terminal that runs here');
  const add = (usage: string, description: string): Command =>
    group
      .command(usage)
      .description(description)
      .option('--state <directory>', 'state directory of the terminal (default: ./var)')
      .option('--config <file>', 'configuration, JSON (default: config.json in the state directory, if there)');
  const order = (usage: string, description: string): Command => withOperator(add(usage, description));

  add('status', 'what the door is doing, and what rules it').action(async (options: ConfigOptions) => {
    await ask(options, { command: 'door.status' }, output());
  });
  order('open', 'unlock it for a pulse')
    .option('--hold', 'until it is locked again, instead of for a pulse')
    .option('--for <seconds>', 'length of the pulse, 0.5 to 60', seconds)
    .action(async (options: Options & { hold?: true; for?: number }) => {
      const { hold, for: length } = options;
      const how = { ...(hold && { hold }), ...(length !== undefined && { ms: length * 1_000 }) };
      await ask(options, { command: 'door.open', operator: operatorOf(options), ...how }, output());
    });
  order('lock', 'lock it: ends a pulse, open --hold, and what the schedule unlocks now').action(
    async (options: Options) => {
      await ask(options, { command: 'door.lock', operator: operatorOf(options) }, output());
    },
  );
  order('lockdown', 'let nobody in, not even who may pass, also after a restart')
    .option('--end', 'end it')
    .action(async (options: Options & { end?: true }) => {
      const { end } = options;
      await ask(options, { command: 'door.lockdown', operator: operatorOf(options), ...(end && { end }) }, output());
    });
  order('test', 'lamps and buzzer in turn, without unlocking').action(async (options: Options) => {
    await ask(options, { command: 'door.test', operator: operatorOf(options) }, output());
  });
}

async function ask(options: ConfigOptions, request: DoorRequest, output: Output): Promise<void> {
  const status = (await askTerminal(readConfig(options).state, request)) as DoorStatus;
  output.result(status);
  const { board, phase, mode, unlocked, tamper, fire } = status;
  output.line(`door     ${PHASES[phase]}`);
  output.line(`lock     ${unlocked ? colors.green('unlocked') : 'locked'}`);
  output.line(`mode     ${MODES[mode]}`);
  output.line(`board    ${board === 'ready' ? 'answers' : colors.red('does not answer')}`);
  if (tamper) output.line(colors.red('tamper   the switch is open'));
  if (fire) output.line(colors.red('fire     the signal is on'));
}

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw new InvalidArgumentError('It must be a number of seconds.');
  return value;
}
