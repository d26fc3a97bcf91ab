import type { CommandContext } from './command.ts';
import { decideOn, withDecisionOptions, type DecisionOptions } from './gallery-decision.ts';

interface Options extends DecisionOptions {
  readonly person: string;
}

export function register({ program, output }: CommandContext): void {
  const command = program
    .command('verify')
    .description('decide whether a print is the claimed person’s')
    .argument('<print>', 'image, or ISO, ANSI, xyt or Whorl minutiae')
    .requiredOption('--person <who>', 'who it is claimed to be: id, external id or name');
  withDecisionOptions(command).action(async (print: string, options: Options) => {
    await decideOn(print, options.person, options, output());
  });
}
