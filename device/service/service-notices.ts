import { spawn } from 'node:child_process';
import type { Clock } from '../clock.ts';

/** Microseconds after which systemd takes a service for hung, told in the environment of one that has a watchdog. */
const WATCHDOG_VARIABLE = 'WATCHDOG_USEC';
/** Set by systemd for services of Type=notify. */
const SOCKET_VARIABLE = 'NOTIFY_SOCKET';
/** So often within the watchdog's time a sign of life is sent: one may be late. */
const SIGNS = 3;

export interface ServiceNoticesParts {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Whether the service gets on with its work: only then a sign of life is sent. */
  readonly progress: () => boolean;
  readonly onTrouble: (reason: string) => void;
}

/**
 * Tells systemd how the service is: ready, stopping, and that it still gets on. Outside of a unit of Type=notify it says
 * nothing.
 *
 * Node has no datagram sockets of the Unix kind, so systemd's own `systemd-notify` sends each notice; the unit needs
 * `NotifyAccess=all`. Without it on the board the terminal works all the same, and says what it lacks.
 *
 * @see https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
 */
export class ServiceNotices {
  readonly #parts: ServiceNoticesParts;
  readonly #stop = new AbortController();
  readonly #told: boolean;
  #signs: Promise<void> = Promise.resolve();
  #last: Promise<void> = Promise.resolve();

  constructor(parts: ServiceNoticesParts) {
    this.#parts = parts;
    this.#told = (parts.environment[SOCKET_VARIABLE] ?? '') !== '';
  }

  /** Everything is open. From now on signs of life are sent, where the unit has a watchdog. */
  ready(status: string): void {
    if (!this.#told) return;
    this.#send('READY=1', `STATUS=${status}`);
    const microseconds = Number(this.#parts.environment[WATCHDOG_VARIABLE]);
    if (microseconds > 0) this.#signs = this.#live(microseconds / 1_000 / SIGNS);
  }

  /** Says that the service is ending; no sign of life follows. */
  async stopping(): Promise<void> {
    this.#stop.abort();
    await this.#signs;
    if (this.#told) this.#send('STOPPING=1');
    await this.#last;
  }

  async #live(pause: number): Promise<void> {
    const { clock, progress } = this.#parts;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      if (progress()) this.#send('WATCHDOG=1');
      await clock.sleep(pause, signal).catch(() => undefined);
    }
  }

  /** One after the other: a notice must not overtake the one before. */
  #send(...assignments: string[]): void {
    this.#last = this.#last.then(() => this.#notify(assignments));
  }

  #notify(assignments: readonly string[]): Promise<void> {
    return new Promise((resolve) => {
      const child = spawn('systemd-notify', assignments, { stdio: 'ignore' });
      child.once('error', ({ message }) => {
        this.#parts.onTrouble(`systemd cannot be told ${assignments.join(', ')} (${message})`);
        resolve();
      });
      child.once('exit', (code) => {
        if (code !== 0) this.#parts.onTrouble(`systemd-notify ${assignments.join(' ')} ended with ${code}`);
        resolve();
      });
    });
  }
}
