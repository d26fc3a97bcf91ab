import type { Command } from 'commander';
import type { Output } from './output.ts';

/** What a command's file is given to register itself: `export function register({ program, output }: CommandContext)`. */
export interface CommandContext {
  readonly program: Command;
  /** Made when the command runs, after the command line has been read. */
  readonly output: () => Output;
}
