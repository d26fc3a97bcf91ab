import type { Clock } from '../../device/clock.ts';

/** For what a virtual clock does not govern. */
const PATIENCE_MS = 10_000;

interface Sleeper {
  readonly until: number;
  readonly order: number;
  readonly wake: () => void;
}

/**
 * A clock that jumps to whatever is waited for next as soon as nothing else is left to do: hours pass in moments, and the
 * same things happen at the same times in every run.
 */
export class VirtualClock implements Clock {
  #elapsed = 0;
  #count = 0;
  readonly #sleepers = new Set<Sleeper>();

  now(): number {
    return Date.UTC(2026, 0, 1) + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const sleeper = {
        until: this.#elapsed + Math.max(0, milliseconds),
        order: this.#count++,
        wake: () => {
          signal.removeEventListener('abort', abort);
          this.#sleepers.delete(sleeper);
          resolve();
        },
      };
      const abort = (): void => {
        this.#sleepers.delete(sleeper);
        reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      };
      if (signal.aborted) {
        abort();
        return;
      }
      signal.addEventListener('abort', abort, { once: true });
      this.#sleepers.add(sleeper);
    });
  }

  /** Lets time pass until the work is done. Fails when everything waits for ever. */
  async run<T>(work: Promise<T>): Promise<T> {
    const state = { done: false };
    const finished = work.finally(() => {
      state.done = true;
    });
    finished.catch(() => undefined);
    let idleSince = Date.now();
    while (!state.done) {
      const next = this.#earliest();
      if (next !== undefined) {
        idleSince = Date.now();
        this.#elapsed = Math.max(this.#elapsed, next.until);
        next.wake();
      } else if (Date.now() - idleSince > PATIENCE_MS) throw new Error('nothing will ever happen any more');
      await new Promise((resolve) => setImmediate(resolve));
    }
    return await finished;
  }

  #earliest(): Sleeper | undefined {
    let earliest: Sleeper | undefined;
    for (const sleeper of this.#sleepers)
      if (
        earliest === undefined ||
        sleeper.until < earliest.until ||
        (sleeper.until === earliest.until && sleeper.order < earliest.order)
      )
        earliest = sleeper;
    return earliest;
  }
}
