import type { Clock } from './clock.ts';
import { WhorlError } from './errors.ts';
import type { Outbox } from './events/outbox.ts';

/** How often old events are looked for, and how soon again where there are more: the door must not wait for it. */
const ROUND_MS = 3_600_000;
const NEXT_MS = 1_000;

export interface RetentionOptions {
  readonly outbox: Outbox;
  readonly days: number;
  readonly clock: Clock;
  /** Whether the time of day can be relied on: by a wrong one nothing is thrown away. */
  readonly trusted: () => boolean;
  readonly onTrouble: (error: WhorlError) => void;
}

/** Lets delivered events go when they are old. @returns what ends it */
export function keepRetention({ outbox, days, clock, trusted, onTrouble }: RetentionOptions): () => void {
  const stop = new AbortController();
  const prune = (): boolean => {
    try {
      return trusted() && outbox.prune(days, clock.now());
    } catch (error) {
      if (!(error instanceof WhorlError)) throw error;
      onTrouble(error);
      return false;
    }
  };
  const keep = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const more = prune();
      await clock.sleep(more ? NEXT_MS : ROUND_MS, stop.signal).catch(() => undefined);
    }
  };
  void keep();
  return () => {
    stop.abort();
  };
}
