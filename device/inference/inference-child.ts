import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../clock.ts';
import { InferenceError } from './errors.ts';
import type { Answer, Request } from './protocol.ts';
import type { Provider } from './provider.ts';

const PROGRAM = fileURLToPath(new URL('inference-process.mjs', import.meta.url));
/** It keeps models, not objects: little heap for Node, one arena of glibc's, and large blocks given back at once. */
const FRUGAL = ['--max-semi-space-size=1', '--max-old-space-size=64', '--expose-gc'];
const FRUGAL_MALLOC = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072' };
/** What is kept of its last words, characters. */
const LAST_WORDS = 300;
/** A process asked to end that has not done so by then is ended. */
const FAREWELL_MS = 1_000;

type Final = Exclude<Answer, { kind: 'trying' }>;

/** One inference process, from its start to its end; one request at a time. */
export class InferenceChild {
  readonly #child: ChildProcess;
  readonly #clock: Clock;
  /** Resolves when the process has ended, with how. */
  readonly ended: Promise<InferenceError>;
  #pending: { readonly answer: (answer: Final) => void; readonly alive: () => void } | undefined;
  #trying: Provider | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#child = fork(PROGRAM, {
      serialization: 'advanced',
      execArgv: FRUGAL,
      env: { ...process.env, ...FRUGAL_MALLOC },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let words = '';
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-LAST_WORDS);
    });
    this.ended = new Promise((resolve) => {
      const end = (how: string, cause?: unknown): void => {
        const said = words.trim() === '' ? '' : `; its last words: ${words.trim()}`;
        resolve(new InferenceError('inference.died', `the inference process ended (${how})${said}`, { cause }));
      };
      this.#child.once('error', (error) => {
        end(error.message, error);
      });
      this.#child.once('exit', (status, signal) => {
        end(signal ?? `status ${String(status)}`);
      });
    });
    this.#child.on('message', (answer: Answer) => {
      if (answer.kind !== 'trying') return this.#pending?.answer(answer);
      this.#trying = answer.provider;
      this.#pending?.alive();
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The provider that was being tried last. */
  get trying(): Provider | undefined {
    return this.#trying;
  }

  /**
   * @param silenceMs after which the process is taken for hung, and killed
   * @throws InferenceError what the process answers, `inference.died`, `inference.hung`
   */
  async ask(request: Request, silenceMs: number): Promise<Exclude<Final, { kind: 'failed' }>> {
    const done = new AbortController();
    try {
      const answer = await new Promise<Final>((resolve, reject) => {
        let watch = new AbortController();
        const alive = (): void => {
          watch.abort();
          watch = new AbortController();
          this.#clock.sleep(silenceMs, AbortSignal.any([watch.signal, done.signal])).then(
            () => {
              reject(
                new InferenceError('inference.hung', `the inference process was silent for ${silenceMs / 1000} s`),
              );
              this.#child.kill('SIGKILL');
            },
            () => undefined,
          );
        };
        this.#pending = { answer: resolve, alive };
        alive();
        void this.ended.then(reject);
        // A process that ends takes what was not sent with it; its end is what is told.
        this.#child.send(request, () => undefined);
      });
      if (answer.kind === 'failed') throw new InferenceError('inference.run-failed', answer.message);
      return answer;
    } finally {
      this.#pending = undefined;
      done.abort();
    }
  }

  /** Ends the process, gently at first. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    if (this.#child.connected) this.#child.disconnect();
    const hurry = setTimeout(() => this.#child.kill('SIGKILL'), FAREWELL_MS);
    await exit;
    clearTimeout(hurry);
  }
}
