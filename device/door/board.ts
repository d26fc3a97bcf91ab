import type { SignalStep } from './signals.ts';

/** Lines that a door's board may read. `contact` is active while the door is open, the others while pressed or tripped. */
export const INPUTS = ['contact', 'exit', 'tamper', 'fire'] as const;
export type Input = (typeof INPUTS)[number];

/** What a board tells. After `lost` nothing holds any more, until the next `ready`. */
export type BoardNews =
  | {
      readonly kind: 'ready';
      /** What it is, for people and events. */
      readonly board: string;
      /** Of every input that is wired. */
      readonly inputs: Readonly<Partial<Record<Input, boolean>>>;
    }
  | { readonly kind: 'input'; readonly input: Input; readonly active: boolean }
  | { readonly kind: 'lost'; readonly code: string; readonly message: string };

/**
 * The board that drives a door, as the terminal sees it. Its relay is off whenever nobody has just said otherwise:
 * at its start, at its end, when a release has run out and on any doubt.
 */
export interface DoorBoard {
  /**
   * Energises the relay from now on for so long; a later call replaces an earlier one.
   *
   * @param ms at most `LONGEST_PULSE_MS`
   * @throws DoorError where it was not driven
   */
  release(ms: number): Promise<void>;
  secure(): void;
  /** Lamp and buzzer; replaces what was shown. */
  show(steps: readonly SignalStep[], lasting: boolean): void;
  /** Relay off, hardware let go. */
  close(): Promise<void>;
}

/** Opens a board; what it tells comes later, never during the call. */
export type OpenBoard = (listener: (news: BoardNews) => void) => DoorBoard;
