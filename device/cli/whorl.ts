import { Command, CommanderError, Option } from 'commander';
import colors from 'picocolors';
import { WhorlError } from '../errors.ts';
import type { CommandContext } from './command.ts';
import { Output } from './output.ts';

/** Name, and the module that registers it: loaded only when asked for, so that `whorl --help` stays quick. */
const commands: readonly ((context: CommandContext) => void)[] = [];

const program = new Command('whorl')
  .description('Open fingerprint door terminal')
  .addOption(new Option('--json', 'one JSON document on stdout, for programs'))
  .exitOverride();

try {
  for (const register of commands)
    register({ program, output: () => new Output(program.opts<{ json?: true }>().json === true) });
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Tells people (or programs) what went wrong and gives the exit status: 2 for a wrong command line, else 1. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const code = error instanceof WhorlError ? error.code : 'internal';
  const message = error instanceof Error ? error.message : String(error);
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ error: { code, message } })}\n`);
  else process.stderr.write(`${colors.red(code)}: ${message}\n`);
  return 1;
}
