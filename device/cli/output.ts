import colors from 'picocolors';

/**
 * Where a command's words go: people read coloured lines and progress on stderr, programs read one JSON document on
 * stdout (`--json`). Results go to stdout in both cases, so that a pipe gets results only.
 */
export class Output {
  readonly json: boolean;

  constructor(json: boolean) {
    this.json = json;
  }

  /** One line of a result, for people; silent under `--json`. */
  line(text = ''): void {
    if (!this.json) process.stdout.write(`${text}\n`);
  }

  /** The whole result, for programs; silent without `--json`. */
  result(value: unknown): void {
    if (this.json) process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
  }

  /** A line beside the result: warnings, what is being done. */
  note(text: string): void {
    process.stderr.write(`${colors.dim(text)}\n`);
  }

  /** Progress of long work, redrawn in place on a terminal, silent in a pipe. */
  progress(label: string, done: number, total: number, startedAt: number): void {
    if (!process.stderr.isTTY) return;
    const seconds = (Date.now() - startedAt) / 1000;
    const left = done > 0 ? (seconds / done) * (total - done) : 0;
    const bar = '█'.repeat(Math.round((20 * done) / total)).padEnd(20, '░');
    process.stderr.write(
      `\r${bar} ${label} ${done}/${total}, ${Math.ceil(left)} s left \x1b[K${done >= total ? '\r\x1b[K' : ''}`,
    );
  }
}
