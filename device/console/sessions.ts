import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';

/** A browser that is left alone for so long is let out, and every one after a working day's half. */
const IDLE_MS = 15 * 60_000;
const LIFE_MS = 4 * 3_600_000;
/** A technician's laptop and phone, and whoever enrols staff. */
const MOST_SESSIONS = 3;
const SECRET_BYTES = 32;

export interface Session {
  /** What the browser's cookie holds. */
  readonly id: string;
  /** What its page must say beside each order: no other page knows it. */
  readonly token: string;
  /** Who it is, as they said. */
  readonly operator: string;
  /** Until when, whatever happens; by the monotonic clock. */
  readonly until: number;
}

/** Browsers that were let in. They are forgotten when this program ends. */
export class Sessions {
  readonly #clock: Clock;
  /** With the time of their last order. The longest unused comes first. */
  readonly #open = new Map<string, { readonly session: Session; readonly usedAt: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Lets a browser in under a name that it never had before; the one that was idle the longest may have to leave. */
  open(operator: string): Session {
    const now = this.#clock.monotonic();
    this.#forget(now);
    for (const id of this.#open.keys()) if (this.#open.size >= MOST_SESSIONS) this.#open.delete(id);
    const [id, token] = [secret(), secret()];
    const session = { id, token, operator, until: now + LIFE_MS };
    this.#open.set(id, { session, usedAt: now });
    return session;
  }

  /** @param use whether a person is at work, rather than a page that listens */
  find(id: string | undefined, use: boolean): Session | undefined {
    const now = this.#clock.monotonic();
    this.#forget(now);
    const found = id === undefined ? undefined : this.#open.get(id);
    if (found === undefined || !use) return found?.session;
    this.#open.delete(found.session.id);
    this.#open.set(found.session.id, { session: found.session, usedAt: now });
    return found.session;
  }

  close(id: string): void {
    this.#open.delete(id);
  }

  #forget(now: number): void {
    for (const [id, { session, usedAt }] of this.#open)
      if (now >= session.until || now >= usedAt + IDLE_MS) this.#open.delete(id);
  }
}

function secret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}
