import { Ranges, type Range } from './ranges.ts';

/** The most runs a journal may be in pieces of: a device that sends every other number must not fill the store's rows. */
const MOST_RUNS = 1_000;

/** `crowded`: too many holes before it already; it is welcome once they are filled. */
export type Taking = 'new' | 'known' | 'crowded';

/** A ledger as stores write it. */
export interface LedgerRecord {
  readonly stored: readonly Range[];
  readonly lost: readonly Range[];
}

/**
 * Which events of one journal of a device are stored, and which are known never to come. Everything a collector has to
 * know lies here, and this lies in the store: any collector can go on where another one died.
 */
export class Ledger {
  readonly #stored: Ranges;
  readonly #lost: Ranges;

  constructor({ stored, lost }: LedgerRecord = { stored: [], lost: [] }) {
    this.#stored = new Ranges(stored);
    this.#lost = new Ranges(lost);
  }

  /** Everything up to and with this sequence number is stored for good, or will never come. */
  get cursor(): number {
    let end = 0;
    for (
      let run: Range | undefined = [0, 0];
      run !== undefined;
      run = this.#stored.around(end + 1) ?? this.#lost.around(end + 1)
    )
      end = run[1];
    return end;
  }

  /** The greatest sequence number that is stored; 0 before the first. */
  get highest(): number {
    return this.#stored.runs.at(-1)?.[1] ?? 0;
  }

  /** Notes an event as stored: `new` also where it had been given up as lost and comes after all. */
  take(sequence: number): Taking {
    if (this.#stored.around(sequence) !== undefined) return 'known';
    const joins = this.#stored.around(sequence - 1) !== undefined || this.#stored.around(sequence + 1) !== undefined;
    if (!joins && this.#stored.runs.length >= MOST_RUNS && !this.#closeOldestGap()) return 'crowded';
    this.#stored.add(sequence, sequence);
    return 'new';
  }

  /** Notes that these will never come, unless they are there already. */
  lose(first: number, last: number): void {
    this.#lost.add(first, last);
  }

  /** Gives up the hole right behind `cursor` and returns it, if it is still there. */
  giveUp(cursor: number): Range | undefined {
    const next = this.cursor === cursor ? this.#stored.behind(cursor) : undefined;
    if (next === undefined) return undefined;
    const hole: Range = [cursor + 1, next[0] - 1];
    this.lose(...hole);
    return hole;
  }

  /** Forgets which events the oldest loss took, so that a long life of losses does not end in a full ledger. */
  #closeOldestGap(): boolean {
    const [oldest, next] = this.#stored.runs;
    if (next[0] > this.cursor) return false;
    this.#stored.add(oldest[1] + 1, next[0] - 1);
    return true;
  }

  get record(): LedgerRecord {
    return { stored: this.#stored.runs, lost: this.#lost.runs };
  }
}
