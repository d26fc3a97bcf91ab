import type { Arrival, Refusal } from './arrival.ts';
import { Ledger, type LedgerRecord } from './ledger.ts';
import type { Range } from './ranges.ts';

/** One series of a device's events; a device whose outbox was made anew begins another one. */
export interface JournalKey {
  readonly device: string;
  readonly journal: string;
}

/** How far a journal is stored. */
export interface Standing extends JournalKey {
  /** Everything up to and with this sequence number is stored for good, or will never come. */
  readonly cursor: number;
  /** The greatest sequence number that is stored. There is a hole while it is beyond the cursor. */
  readonly highest: number;
}

export interface Committed {
  /** Of every journal in the batch. */
  readonly standings: readonly Standing[];
  /** How many events of the batch were not known before. */
  readonly fresh: number;
}

export interface GivenUp {
  readonly standing: Standing;
  /** The hole; undefined where it was none any more. */
  readonly hole: Range | undefined;
}

/** A refused message as it is kept. */
export interface DeadLetter {
  readonly at: number;
  readonly topic: string;
  readonly reason: string;
  /** Its first 4,096 bytes. */
  readonly payload: Buffer;
}

/** The most dead letters kept, newest first, and the most bytes kept of each: a broken device must not fill the disk. */
export const MOST_DEAD_LETTERS = 10_000;
export const MOST_DEAD_LETTER_BYTES = 4_096;

/**
 * Every door's events, each once. Several collectors may work on the same store.
 *
 * Everything rejects with CollectorError `collector.store-away` where trying again may help, and
 * `collector.store-refused` where it cannot.
 */
export interface EventStore {
  /** Stores what is new of a batch and advances its journals, in one transaction. */
  commit(batch: readonly Arrival[]): Promise<Committed>;
  /** Keeps messages that are no events. */
  refuse(refusals: readonly Refusal[]): Promise<void>;
  /** Those of these journals that are known. */
  standings(keys: readonly JournalKey[]): Promise<Standing[]>;
  /** Journals with a hole. */
  holes(limit: number): Promise<Standing[]>;
  /** Takes the hole right behind this cursor for lost. Its events are stored all the same if they ever come. */
  giveUp(key: JournalKey, cursor: number): Promise<GivenUp>;
  /** Lets go of events older than a moment (milliseconds since 1970), of some a month later; cursors stay. */
  prune(before: number): Promise<void>;
  deadLetters(limit: number): Promise<DeadLetter[]>;
  close(): Promise<void>;
}

/** What a batch does to the journals in it. */
export interface Admission {
  readonly fresh: readonly Arrival[];
  /** Events whose number is known already: the same again, or another one under the same number. */
  readonly known: readonly Arrival[];
}

/** Tells what of a batch is new and notes it in the ledgers, which must hold every journal of the batch. */
export function admit(batch: readonly Arrival[], ledgers: ReadonlyMap<string, Ledger>): Admission {
  const fresh: Arrival[] = [];
  const known: Arrival[] = [];
  for (const arrival of batch) {
    const ledger = ledgers.get(keyOf(arrival));
    const taking = ledger?.take(arrival.sequence);
    if (taking === 'new') fresh.push(arrival);
    else if (taking === 'known') known.push(arrival);
    if (taking === 'new' && arrival.lost !== undefined) ledger?.lose(...arrival.lost);
  }
  return { fresh, known };
}

/** Names a journal among all devices' journals. */
export const keyOf = ({ device, journal }: JournalKey): string => `${device}/${journal}`;

export const journalsOf = (batch: readonly JournalKey[]): JournalKey[] => [
  ...new Map(batch.map(({ device, journal }) => [keyOf({ device, journal }), { device, journal }])).values(),
];

export const standingOf = ({ device, journal }: JournalKey, ledger: Ledger): Standing => ({
  device,
  journal,
  cursor: ledger.cursor,
  highest: ledger.highest,
});

export const openLedger = (text: string): Ledger => new Ledger(JSON.parse(text) as LedgerRecord);
export const writeLedger = (ledger: Ledger): string => JSON.stringify(ledger.record);

/** Says that a device used a number twice: its outbox was set back, and both events must be kept. */
export const otherEvent = ({ device, body, stored }: Arrival): Refusal => ({
  topic: `whorl/${device}/event`,
  payload: Buffer.from(body),
  reason: 'another event is stored under this number: was the outbox set back to an older copy?',
  at: stored,
});
