/** Why the time of day cannot be relied on. */
export type ClockDoubt = 'before-release' | 'set-back' | 'not-synchronised';

/** What each means, for people, with what to do. */
export const CLOCK_DOUBT_WORDS: Readonly<Record<ClockDoubt, string>> = {
  'before-release': 'the clock stands before this Whorl was made; set it, or give the board a network',
  'set-back': 'the clock was set back; let the network set it, or wait until it passes the time it showed before',
  'not-synchronised':
    'no network has set the clock for long; connect one, or say clock.battery if the board has a battery',
};

/** What is known of the board's clock. Times are milliseconds since 1970. */
export interface ClockEvidence {
  readonly now: number;
  /** The latest time that this clock has ever shown. */
  readonly latest: number;
  /** When the network last vouched for it since the board started; undefined when it never did. */
  readonly synchronisedAt: number | undefined;
  /** Whether anything here knows if the network vouches for the clock, and the board has no battery for it. */
  readonly asksNetwork: boolean;
}

/** Nothing that is written here was known before; to be raised at each release. */
export const RELEASED = Date.UTC(2026, 10, 1);

/** Setting a clock right by so little is not setting it back, milliseconds. */
export const CLOCK_TOLERANCE_MS = 60_000;

/** A clock that was set right runs on by itself for so long: some minutes wrong at 100 parts in a million. */
const HOLDOVER_MS = 30 * 24 * 3_600_000;

/** Whether the time of day can be relied on: undefined if it can. */
export function doubtOf({ now, latest, synchronisedAt, asksNetwork }: ClockEvidence): ClockDoubt | undefined {
  if (now < RELEASED) return 'before-release';
  if (now < latest - CLOCK_TOLERANCE_MS) return 'set-back';
  if (!asksNetwork) return undefined;
  return synchronisedAt === undefined || now - synchronisedAt > HOLDOVER_MS ? 'not-synchronised' : undefined;
}
