import type { Clock } from './clock.ts';
import type { Door } from './door/door.ts';
import type { Doorkeeper } from './doorkeeper.ts';

/** How late the door may be for its schedule. */
const ROUND_MS = 1_000;

/** Keeps the door unlocked when, and only when, the rules say so. @returns what ends it */
export function followSchedule(door: Door, doorkeeper: Doorkeeper, clock: Clock): () => void {
  const stop = new AbortController();
  const follow = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      door.follow(doorkeeper.standsOpen() ? 'unlocked' : 'normal');
      await clock.sleep(ROUND_MS, stop.signal).catch(() => undefined);
    }
  };
  void follow();
  return () => {
    stop.abort();
  };
}
