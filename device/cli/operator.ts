import { userInfo } from 'node:os';
import type { Command } from 'commander';

export interface OperatorOptions {
  readonly operator?: string;
}

/** Adds the option of commands whose event names who gave them. */
export function withOperator(command: Command): Command {
  return command.option('--operator <name>', 'who does this, for the event (default: the user of this computer)');
}

/** Who gives the command: who they say they are, else whom the operating system knows, also behind sudo. */
export function operatorOf({ operator }: OperatorOptions): string {
  return operator ?? process.env.SUDO_USER ?? userInfo().username;
}
