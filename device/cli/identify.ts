import type { CommandContext } from './command.ts';
import { decideOn, withDecisionOptions, type DecisionOptions } from './gallery-decision.ts';

export function register({ program, output }: CommandContext): void {
  const command = program
    .command('identify')
    .description('decide whose print this is among all who are enrolled')
    .argument('<print>', 'image, or ISO, ANSI, xyt or Whorl minutiae');
  withDecisionOptions(command).action(async (print: string, options: DecisionOptions) => {
    await decideOn(print, undefined, options, output());
  });
}
