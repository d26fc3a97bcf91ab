import { userInfo } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';

export interface OperatorOptions {
  readonly operator?: string;
}

/** Adds the option of commands whose event names who gave them. */
export function withOperator(command: Command): Command {
  const description = 'who does this, for the event (default: the user of this computer)';
  return command.option('--operator <name>', description, operatorName);
}

/** Who gives the command: who they say they are, else whom the operating system knows, also behind sudo. */
export function operatorOf({ operator }: OperatorOptions): string {
  return operator ?? process.env.SUDO_USER ?? userName();
}

function operatorName(text: string): string {
  const name = text.trim();
  if (!/^\P{Cc}{1,200}$/u.test(name)) throw new InvalidArgumentError('It must be a name of 1 to 200 characters.');
  return name;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user whom it does not know.
    return `user ${process.getuid?.() ?? '?'}`;
  }
}
