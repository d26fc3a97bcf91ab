import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.ts';

/** Nothing that is taken for something else when it is read from a screen: no I, L, O, U, 0, 1. */
const ALPHABET = 'ABCDEFGHJKMNPQRSTVWXYZ23456789';
/** 30^8 codes: five guesses a minute would take a quarter of a million years. */
const LENGTH = 8;
/** How long a code may be used, ms: long enough to walk from the board's screen to the page. */
const LIFE_MS = 600_000;
/** So many wrong codes void the right one; then nobody is heard for a while, doubled each time. */
const MOST_WRONG = 5;
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;

export type CodeVerdict =
  | { readonly kind: 'right' }
  | { readonly kind: 'wrong' }
  /** Nobody is heard before so many milliseconds have passed. */
  | { readonly kind: 'wait'; readonly ms: number };

export interface AccessCodeOptions {
  readonly clock: Clock;
  /** Shows a new code where only who stands at the board, or reads its log, can see it. */
  readonly onCode: (code: string, minutes: number) => void;
}

/**
 * The one-time code that lets a browser in: whoever has it stands before the board. It can be used once, for ten
 * minutes, and guessing voids it.
 */
export class AccessCode {
  readonly #options: AccessCodeOptions;
  #code: { readonly digest: Buffer; readonly until: number } | undefined;
  #wrong = 0;
  #pauses = 0;
  #deafUntil = -Infinity;

  constructor(options: AccessCodeOptions) {
    this.#options = options;
  }

  /** Somebody wants in: shows a code, unless there is one, or nobody is heard now. */
  offer(): void {
    const { clock, onCode } = this.#options;
    const now = clock.monotonic();
    if (now < this.#deafUntil || (this.#code !== undefined && now < this.#code.until)) return;
    const code = Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
    this.#code = { digest: digestOf(code), until: now + LIFE_MS };
    onCode(`${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`, LIFE_MS / 60_000);
  }

  /** Small letters, spaces and dashes make no difference. */
  try(text: string): CodeVerdict {
    const now = this.#options.clock.monotonic();
    if (now < this.#deafUntil) return { kind: 'wait', ms: this.#deafUntil - now };
    const given = digestOf(text.toUpperCase().replaceAll(/[\s-]/g, ''));
    const code = this.#code;
    if (code !== undefined && now < code.until && timingSafeEqual(code.digest, given)) {
      this.#code = undefined;
      this.#wrong = 0;
      this.#pauses = 0;
      return { kind: 'right' };
    }
    if (++this.#wrong < MOST_WRONG) return { kind: 'wrong' };
    const ms = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#pauses++);
    this.#code = undefined;
    this.#wrong = 0;
    this.#deafUntil = now + ms;
    return { kind: 'wait', ms };
  }
}

/** Of one length, whatever was given. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
