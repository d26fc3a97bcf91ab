import { DoorError } from './errors.ts';

/** The longest that any door of ours stays unlocked by one touch; longer is a mistake, not a wish. */
export const LONGEST_PULSE_MS = 30_000;

/** What happens at the door, as it happens. */
export type DoorChange = { readonly kind: 'unlocked'; readonly pulseMs: number } | { readonly kind: 'locked' };

/**
 * A door's lock. It fails secure: it is locked when it is opened, when it is closed, when a pulse ends and on any
 * doubt, without anybody's asking.
 */
export interface Door {
  /**
   * Unlocks now and locks again by itself after the pulse; a pulse during a pulse prolongs it, and never stores one for
   * later. Resolves when the strike has been driven.
   *
   * @throws DoorError when it could not be driven: then the door is locked
   */
  unlock(pulseMs: number): Promise<void>;
  /** Locks and lets go of the hardware. */
  close(): Promise<void>;
}

/** @throws DoorError `door.bad-pulse` */
export function checkPulse(pulseMs: number): void {
  if (!(pulseMs > 0 && pulseMs <= LONGEST_PULSE_MS))
    throw new DoorError('door.bad-pulse', `a door is unlocked for 1 to ${LONGEST_PULSE_MS} ms, not ${pulseMs}`);
}
