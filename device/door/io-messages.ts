import type { BoardNews } from './board.ts';
import type { SignalStep } from './signals.ts';
import type { BoardWiring } from './wiring.ts';

/**
 * Between the terminal and its two I/O processes, over Node's channel. One of the two drives the board; the other stands
 * by, ready to take it over, and guards it: whoever is left switches the relay off.
 */
export type ToIo =
  | { readonly kind: 'prepare'; readonly wiring: BoardWiring }
  /** Drive the board from now on: whoever drove it has been killed. */
  | { readonly kind: 'take' }
  /** Who drives it: to be killed if the terminal is lost. */
  | { readonly kind: 'guard'; readonly driver: number }
  | { readonly kind: 'alive' }
  | { readonly kind: 'release'; readonly id: number; readonly ms: number; /** `uptimeMs` */ readonly sent: number }
  | { readonly kind: 'secure' }
  | { readonly kind: 'show'; readonly steps: readonly SignalStep[]; readonly lasting: boolean }
  /** Relay off, and go. */
  | { readonly kind: 'leave' };

export type FromIo =
  | { readonly kind: 'alive' }
  | { readonly kind: 'released'; readonly id: number }
  | { readonly kind: 'refused'; readonly id: number; readonly code: string; readonly message: string }
  | { readonly kind: 'news'; readonly news: BoardNews };

/** Each tells the other that it lives, so often. */
export const ALIVE_MS = 250;
/** Silent for so long, an I/O process is taken for dead, and killed. */
export const IO_SILENT_MS = 1_500;
/** Silent for so long, the terminal is; recognition may keep it busy for a while. */
export const TERMINAL_SILENT_MS = 4_000;
/** What the driver of a lost terminal has to switch off by itself before its guard does it. */
export const GUARD_GRACE_MS = 500;
/** A release that travelled longer than this is not obeyed: whoever sent it, or got it, was not there. */
export const STALE_MS = 1_000;

/** Milliseconds since the machine started: the same clock in every process, and never set. */
export function uptimeMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}
