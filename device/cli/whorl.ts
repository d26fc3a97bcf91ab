import { Command, CommanderError, Option } from 'commander';
import colors from 'picocolors';
import { WhorlError } from '../errors.ts';
import type { CommandContext } from './command.ts';
import { Output } from './output.ts';

/** A command's name, and its module: loaded only when asked for, so that every command starts quickly. */
const commands: Readonly<Record<string, () => Promise<{ register: (context: CommandContext) => void }>>> = {
  extract: () => import('./extract.ts'),
  alter: () => import('./alter.ts'),
  compare: () => import('./compare.ts'),
  ablation: () => import('./ablation.ts'),
  bench: () => import('./bench.ts'),
  calibrate: () => import('./calibrate.ts'),
  evaluate: () => import('./evaluate.ts'),
  identify: () => import('./identify.ts'),
  verify: () => import('./verify.ts'),
  sensor: () => import('./sensor.ts'),
  start: () => import('./start.ts'),
  selftest: () => import('./selftest.ts'),
  synthesize: () => import('./synthesize.ts'),
  enrol: () => import('./enrol.ts'),
  gallery: () => import('./gallery.ts'),
  backup: () => import('./backup.ts'),
  identity: () => import('./identity.ts'),
  door: () => import('./door.ts'),
  people: () => import('./people.ts'),
  rules: () => import('./rules.ts'),
  provision: () => import('./provision.ts'),
};

/**
 * Runs one command line (`argv` without node and script) and tells what went wrong, to people or to programs.
 *
 * @returns the exit status: 0 done, 1 failed, 2 the command line itself is wrong
 */
export async function whorl(argv: readonly string[]): Promise<number> {
  const program = new Command('whorl')
    .description('Open fingerprint door terminal')
    .addOption(new Option('--json', 'one JSON document on stdout, for programs'))
    .configureOutput({ outputError: () => undefined })
    .exitOverride();
  const output = (): Output => new Output(program.opts<{ json?: true }>().json === true);
  try {
    for (const load of modulesFor(argv)) (await load()).register({ program, output });
    await program.parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    return report(error, argv.includes('--json'));
  }
}

function modulesFor(argv: readonly string[]): (typeof commands)[string][] {
  const asked = argv.find((word) => !word.startsWith('-'));
  const one = asked !== undefined && Object.hasOwn(commands, asked) ? commands[asked] : undefined;
  return one === undefined ? Object.values(commands) : [one];
}

function report(error: unknown, json: boolean): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const usage = error instanceof CommanderError;
  // Without a command commander has shown the help already: there is nothing to add.
  if (usage && error.code === 'commander.help' && !json) return 2;
  const code = usage ? 'cli.usage' : error instanceof WhorlError ? error.code : 'internal';
  const message = (error instanceof Error ? error.message : String(error)).replace(/^error: /, '');
  if (json) process.stdout.write(`${JSON.stringify({ error: { code, message } })}\n`);
  else process.stderr.write(`${colors.red(code)}: ${message}\n`);
  return usage ? 2 : 1;
}
