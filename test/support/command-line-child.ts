import { whorl } from '../../device/cli/whorl.ts';

/** What a command line left behind. */
export interface CommandLineResult {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

/**
 * A process that runs one command line after the other, as its parent sends them: a thousand of them take seconds, not
 * the minutes that a thousand processes would.
 */
process.on('message', (argv: string[]) => {
  const written = { output: '', errors: '' };
  process.stdout.write = (text) => {
    written.output += text.toString();
    return true;
  };
  process.stderr.write = (text) => {
    written.errors += text.toString();
    return true;
  };
  void whorl(argv).then((status) => process.send?.({ status, ...written } satisfies CommandLineResult));
});
