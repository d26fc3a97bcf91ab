import type { DoorMode, DoorPhase, ScheduledMode } from './door-state.ts';
import { DoorError } from './errors.ts';
import type { Signal } from './signals.ts';

/** Bounds of a pulse. Longer is a mistake, not a wish; the board's own process refuses it a second time. */
export const SHORTEST_PULSE_MS = 500;
export const LONGEST_PULSE_MS = 60_000;

/** Why the strike was released. */
export type ReleaseCause = 'touch' | 'exit' | 'operator' | 'schedule' | 'fire';

/** What happens at the door, as it happens. */
export type DoorChange =
  /** Without a pulse: for as long as the mode lasts, or the exit button is held. */
  | { readonly kind: 'unlocked'; readonly cause: ReleaseCause; readonly pulseMs?: number }
  | { readonly kind: 'locked' }
  | { readonly kind: 'opened' | 'closed' }
  /** Opened although nobody was let in or asked to leave. */
  | { readonly kind: 'forced' }
  /** Open for long: first a warning, then the alarm. */
  | { readonly kind: 'held-open-soon' | 'held-open' }
  | { readonly kind: 'alarm-ended'; readonly alarm: 'forced' | 'held-open' }
  | { readonly kind: 'exit-requested' }
  | { readonly kind: 'tamper' | 'fire'; readonly active: boolean }
  | { readonly kind: 'mode'; readonly mode: DoorMode }
  | { readonly kind: 'board-ready'; readonly board: string }
  /** The board with the relay is gone, silent or in doubt: the relay is off, or will be within the bound of README. */
  | { readonly kind: 'board-lost'; readonly code: string; readonly message: string };

export interface DoorStatus {
  readonly board: 'ready' | 'lost';
  readonly phase: DoorPhase;
  readonly mode: DoorMode;
  readonly unlocked: boolean;
  readonly tamper: boolean;
  readonly fire: boolean;
}

/** What an operator may ask of a door. `unlocked` and `lockdown` last until `secured` and `lockdown-end`. */
export type OperatorWish = 'unlocked' | 'secured' | 'lockdown' | 'lockdown-end';

/**
 * A door. It fails secure: it is locked when it is opened, when it is closed, when a pulse ends and on any doubt,
 * without anybody's asking.
 */
export interface Door {
  readonly status: DoorStatus;
  /**
   * Unlocks now and locks again by itself after the pulse, or when the door was opened or closed; a pulse during a
   * pulse prolongs it, and never stores one for later. Resolves when the strike has been driven.
   *
   * @throws DoorError when it could not be driven or is locked down: then the door is locked
   */
  unlock(pulseMs: number, by?: 'touch' | 'operator'): Promise<void>;
  /** What the rules say of this time. Weaker than the operator's word, which is weaker than lockdown and fire. */
  follow(schedule: ScheduledMode): void;
  command(wish: OperatorWish): void;
  /** Lamp and buzzer for a moment; a door without them stays silent. */
  signal(signal: Signal): void;
  /** Locks and lets go of the hardware. */
  close(): Promise<void>;
}

/** @throws DoorError `door.bad-pulse` */
export function checkPulse(pulseMs: number): void {
  if (!(pulseMs >= SHORTEST_PULSE_MS && pulseMs <= LONGEST_PULSE_MS))
    throw new DoorError(
      'door.bad-pulse',
      `a door is unlocked for ${SHORTEST_PULSE_MS} to ${LONGEST_PULSE_MS} ms, not ${pulseMs}`,
    );
}
