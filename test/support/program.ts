import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { resolve } from 'node:path';
import type { Cleanup } from './cleanup.ts';

const WHORL = resolve(import.meta.dirname, '../../device/cli/whorl.mjs');

/** A program under test: its lines as they come, and its end. */
export class Program {
  readonly lines: string[] = [];
  readonly errors: string[] = [];
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    for (const [stream, lines] of [
      [child.stdout, this.lines],
      [child.stderr, this.errors],
    ] as const)
      if (stream) createInterface(stream).on('line', (line) => lines.push(line));
    this.#exited = once(child, 'close').then(() => undefined);
  }

  static start(context: Cleanup, command: string, ...args: string[]): Program {
    const program = new Program(spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] }));
    context.after(() => program.kill('SIGKILL'));
    return program;
  }

  static whorl(context: Cleanup, ...args: string[]): Program {
    return Program.start(context, process.execPath, WHORL, ...args);
  }

  /** The same behind a command that runs what follows it. */
  static whorlBehind(
    context: Cleanup,
    [command, ...before]: readonly [string, ...string[]],
    ...args: string[]
  ): Program {
    return Program.start(context, command, ...before, process.execPath, WHORL, ...args);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The exit status; undefined when a signal ended it. */
  async exit(): Promise<number | undefined> {
    await this.#exited;
    return this.#child.exitCode ?? undefined;
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal);
    await this.#exited;
  }

  /** Waits until a line was printed that matches, and for no longer than the program lives. */
  async until(pattern: RegExp, milliseconds = 60_000): Promise<void> {
    const deadline = Date.now() + milliseconds;
    while (!this.lines.some((line) => pattern.test(line))) {
      if (Date.now() > deadline || !this.isRunning)
        throw new Error(`${pattern.source} was not printed: ${[...this.lines, ...this.errors].join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
