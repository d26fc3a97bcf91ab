import Database from 'better-sqlite3';
import { takeSteps } from '../../device/schema-steps.ts';
import type { Arrival, Refusal } from './arrival.ts';
import { CollectorError } from './errors.ts';
import {
  admit,
  journalsOf,
  keyOf,
  MOST_DEAD_LETTER_BYTES,
  MOST_DEAD_LETTERS,
  openLedger,
  otherEvent,
  standingOf,
  writeLedger,
  type Committed,
  type DeadLetter,
  type EventStore,
  type GivenUp,
  type JournalKey,
  type Standing,
} from './event-store.ts';
import { Ledger } from './ledger.ts';

/** Steps from an empty file to today's layout; a new layout adds one. */
const STEPS = [
  `CREATE TABLE event (device TEXT NOT NULL, journal TEXT NOT NULL, sequence INTEGER NOT NULL, type TEXT NOT NULL,
     subject TEXT, time INTEGER NOT NULL, stored INTEGER NOT NULL, late INTEGER NOT NULL, body TEXT NOT NULL,
     PRIMARY KEY (device, journal, sequence)) STRICT, WITHOUT ROWID;
   CREATE INDEX event_by_time ON event (time);
   CREATE TABLE journal (device TEXT NOT NULL, journal TEXT NOT NULL, cursor INTEGER NOT NULL, highest INTEGER NOT NULL,
     ledger TEXT NOT NULL, PRIMARY KEY (device, journal)) STRICT, WITHOUT ROWID;
   CREATE INDEX journal_with_hole ON journal (device) WHERE highest > cursor;
   CREATE TABLE dead_letter (number INTEGER PRIMARY KEY, at INTEGER NOT NULL, topic TEXT NOT NULL, reason TEXT NOT NULL,
     payload BLOB NOT NULL) STRICT;`,
];

/** How long another process' write is waited for. */
const BUSY_MS = 5_000;

/** Every door's events in one file: enough for tens of doors. */
export class SqliteStore implements EventStore {
  readonly #database: Database.Database;
  readonly #commit: (batch: readonly Arrival[]) => Committed;
  readonly #refuse: (refusals: readonly Refusal[]) => void;
  readonly #giveUp: (key: JournalKey, cursor: number) => GivenUp;
  readonly #standing: Database.Statement<[string, string], Standing>;

  /** @throws CollectorError `collector.store-unreadable`, `collector.store-newer` */
  constructor(path: string) {
    this.#database = openDatabase(path);
    const database = this.#database;
    this.#standing = database.prepare(
      'SELECT device, journal, cursor, highest FROM journal WHERE device = ? AND journal = ?',
    );
    const readLedger = database.prepare<[string, string], { ledger: string }>(
      'SELECT ledger FROM journal WHERE device = ? AND journal = ?',
    );
    const putLedger = database.prepare<[Standing & { ledger: string }]>(
      'INSERT OR REPLACE INTO journal VALUES (@device, @journal, @cursor, @highest, @ledger)',
    );
    const insert = database.prepare(
      'INSERT INTO event VALUES (@device, @journal, @sequence, @type, @subject, @time, @stored, @late, @body)',
    );
    const bodyOf = database.prepare<[string, string, number], { body: string }>(
      'SELECT body FROM event WHERE device = ? AND journal = ? AND sequence = ?',
    );
    const keep = database.prepare('INSERT INTO dead_letter (at, topic, reason, payload) VALUES (?, ?, ?, ?)');
    const bound = database.prepare(
      `DELETE FROM dead_letter WHERE number <= (SELECT max(number) FROM dead_letter) - ${MOST_DEAD_LETTERS}`,
    );

    const ledgerOf = ({ device, journal }: JournalKey): Ledger => {
      const row = readLedger.get(device, journal);
      return row === undefined ? new Ledger() : openLedger(row.ledger);
    };
    const write = (key: JournalKey, ledger: Ledger): Standing => {
      const standing = standingOf(key, ledger);
      putLedger.run({ ...standing, ledger: writeLedger(ledger) });
      return standing;
    };
    const refuse = (refusals: readonly Refusal[]): void => {
      for (const { at, topic, reason, payload } of refusals)
        keep.run(at, topic, reason, payload.subarray(0, MOST_DEAD_LETTER_BYTES));
      bound.run();
    };
    const commit = (batch: readonly Arrival[]): Committed => {
      const keys = journalsOf(batch);
      const ledgers = new Map(keys.map((key) => [keyOf(key), ledgerOf(key)]));
      const { fresh, known } = admit(batch, ledgers);
      for (const arrival of fresh)
        insert.run({ ...arrival, subject: arrival.subject ?? null, late: arrival.late ? 1 : 0 });
      const others = known.filter(({ device, journal, sequence, body }) => {
        const stored = bodyOf.get(device, journal, sequence);
        return stored !== undefined && stored.body !== body;
      });
      if (others.length > 0) refuse(others.map(otherEvent));
      const standings = keys.map((key) => write(key, ledgers.get(keyOf(key)) ?? new Ledger()));
      return { standings, fresh: fresh.length };
    };
    const giveUp = (key: JournalKey, cursor: number): GivenUp => {
      const ledger = ledgerOf(key);
      const hole = ledger.giveUp(cursor);
      return { standing: write(key, ledger), hole };
    };
    // Immediate: what was read of a journal must still be so when it is written, against other processes too.
    const immediate = <A extends unknown[], R>(change: (...values: A) => R): ((...values: A) => R) => {
      const transaction = database.transaction(change);
      return (...values) => transaction.immediate(...values);
    };
    this.#commit = immediate(commit);
    this.#refuse = immediate(refuse);
    this.#giveUp = immediate(giveUp);
  }

  commit(batch: readonly Arrival[]): Promise<Committed> {
    return attempt(() => this.#commit(batch));
  }

  refuse(refusals: readonly Refusal[]): Promise<void> {
    return attempt(() => {
      this.#refuse(refusals);
    });
  }

  standings(keys: readonly JournalKey[]): Promise<Standing[]> {
    return attempt(() => keys.flatMap(({ device, journal }) => this.#standing.get(device, journal) ?? []));
  }

  holes(limit: number): Promise<Standing[]> {
    return attempt(() =>
      this.#database
        .prepare<[number], Standing>(
          'SELECT device, journal, cursor, highest FROM journal WHERE highest > cursor ORDER BY device LIMIT ?',
        )
        .all(limit),
    );
  }

  giveUp(key: JournalKey, cursor: number): Promise<GivenUp> {
    return attempt(() => this.#giveUp(key, cursor));
  }

  prune(before: number): Promise<void> {
    return attempt(() => {
      this.#database.prepare('DELETE FROM event WHERE time < ?').run(before);
    });
  }

  deadLetters(limit: number): Promise<DeadLetter[]> {
    return attempt(() =>
      this.#database
        .prepare<[number], DeadLetter>(
          'SELECT at, topic, reason, payload FROM dead_letter ORDER BY number DESC LIMIT ?',
        )
        .all(limit),
    );
  }

  close(): Promise<void> {
    this.#database.close();
    return Promise.resolve();
  }
}

/** SQLite works at once; its failures come as rejections, as those of other stores do. */
function attempt<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => {
    try {
      resolve(work());
    } catch (cause) {
      if (!(cause instanceof Database.SqliteError)) throw cause;
      const lasting = /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG|RANGE)/.test(cause.code);
      throw new CollectorError(
        lasting ? 'collector.store-refused' : 'collector.store-away',
        `the event store cannot be written (${cause.message}); check that its directory is there and not full`,
        { cause },
      );
    }
  });
}

function openDatabase(path: string): Database.Database {
  let database: Database.Database | undefined;
  try {
    database = new Database(path, { timeout: BUSY_MS });
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    takeSteps(
      database,
      STEPS,
      (layout) =>
        new CollectorError(
          'collector.store-newer',
          `${path} was written by a newer Whorl (layout ${layout}); update this collector`,
        ),
    );
    return database;
  } catch (cause) {
    database?.close();
    if (cause instanceof CollectorError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CollectorError(
      'collector.store-unreadable',
      `the event store ${path} cannot be opened (${reason}); check its directory, or if the file is damaged move it away and start again: the doors send again what they still keep`,
      { cause },
    );
  }
}
