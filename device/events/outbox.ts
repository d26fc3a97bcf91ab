import { randomBytes } from 'node:crypto';
import Database from 'better-sqlite3';
import type { Clock } from '../clock.ts';
import { EventsError } from './errors.ts';
import type { Report, TerminalEvent } from './event.ts';

/** Layout of the database; a newer one is refused, an older one would be brought up step by step. */
const LAYOUT = 1;

/** How many digits of a sequence number are written, so that text sorts as numbers do: enough for a century. */
const SEQUENCE_DIGITS = 10;

/** Its name in the state directory. */
export const OUTBOX_FILE = 'outbox.sqlite';

export interface OutboxOptions {
  /** Of the database file. */
  readonly path: string;
  /** Name of the terminal, for the events' `source`. */
  readonly device: string;
  /** The most events kept; beyond it the oldest go, and the gap is reported. */
  readonly capacity: number;
  readonly clock: Clock;
}

interface JournalRow {
  readonly id: string;
  readonly last: number;
  readonly lost_from: number | null;
  readonly lost_to: number;
  readonly lost_count: number;
}

/** An event that nobody has acknowledged yet. */
export interface WaitingEvent {
  readonly sequence: number;
  /** The CloudEvent's JSON, byte for byte the same at every attempt. */
  readonly body: string;
}

/**
 * The events that still have to reach the operators, on disk.
 *
 * An event is committed when `append` returns: no power cut takes it away (WAL, synchronous=FULL). It stays until it
 * is acknowledged. What waits is always one run of sequence numbers without a hole, from `acknowledged + 1` to `last`,
 * so the whole state of the delivery is one cursor; whoever acknowledges (today the broker, later the collector) moves
 * it. Several processes may append to the same outbox.
 */
export class Outbox {
  readonly #database: Database.Database;
  readonly #listeners = new Set<() => void>();
  readonly #append: (report: Report) => TerminalEvent;
  readonly #reportLoss: () => boolean;
  readonly #read: Database.Statement<[number, number], WaitingEvent>;
  readonly #acknowledge: Database.Statement<[number]>;
  readonly #bounds: Database.Statement<[], { first: number | null; last: number }>;

  /** @throws EventsError `events.outbox-unreadable`, `events.outbox-newer` */
  constructor({ path, device, capacity, clock }: OutboxOptions) {
    this.#database = openDatabase(path);
    const database = this.#database;
    this.#read = database.prepare('SELECT sequence, body FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?');
    this.#acknowledge = database.prepare('DELETE FROM event WHERE sequence <= ?');
    this.#bounds = database.prepare('SELECT (SELECT min(sequence) FROM event) AS first, last FROM journal');

    const state = database.prepare<[], JournalRow>('SELECT * FROM journal');
    const advance = database.prepare<[number]>('UPDATE journal SET last = ?');
    const insert = database.prepare<[number, string]>('INSERT INTO event (sequence, body) VALUES (?, ?)');
    const drop = database.prepare<[number]>('DELETE FROM event WHERE sequence <= ?');
    const noteLoss = database.prepare<[number, number, number]>(
      'UPDATE journal SET lost_from = coalesce(lost_from, ?), lost_to = ?, lost_count = lost_count + ?',
    );
    const forgetLoss = database.prepare('UPDATE journal SET lost_from = NULL, lost_to = 0, lost_count = 0');

    const makeRoom = (): void => {
      const { first, last } = this.#window();
      if (first === undefined || last - first + 1 < capacity) return;
      const lastToGo = last - capacity + 1;
      drop.run(lastToGo);
      noteLoss.run(first, lastToGo, lastToGo - first + 1);
    };
    const write = (report: Report): TerminalEvent => {
      const { id: journal, last } = required(state.get());
      const sequence = last + 1;
      const event: TerminalEvent = {
        specversion: '1.0',
        id: `${journal}-${sequence}`,
        source: `/whorl/${device}`,
        ...report,
        time: new Date(clock.now()).toISOString(),
        datacontenttype: 'application/json',
        journal,
        sequence: String(sequence).padStart(SEQUENCE_DIGITS, '0'),
      };
      insert.run(sequence, JSON.stringify(event));
      advance.run(sequence);
      return event;
    };
    const append = database.transaction((report: Report) => {
      makeRoom();
      return write(report);
    });
    const reportLoss = database.transaction(() => {
      if (required(state.get()).lost_from === null) return false;
      // First, since making room may widen the very gap that is being reported.
      makeRoom();
      const { lost_from: from, lost_to: to, lost_count: count } = required(state.get());
      if (from === null) return false;
      write({ type: 'whorl.events.lost', data: { from, to, count } });
      forgetLoss.run();
      return true;
    });
    // Immediate: the sequence number is read and written under one lock, against other processes too.
    this.#append = (report) => append.immediate(report);
    this.#reportLoss = () => reportLoss.immediate();
  }

  /**
   * Commits an event; it is on disk when this returns.
   *
   * @throws EventsError `events.outbox-write` (disk full, file gone): then nothing was committed
   */
  append(report: Report): TerminalEvent {
    const event = this.#write(() => this.#append(report));
    this.#tell();
    return event;
  }

  /** Appends the report of a gap if events had to go since the last such report. */
  reportLoss(): void {
    if (this.#write(this.#reportLoss)) this.#tell();
  }

  /** The oldest waiting events behind `after`, in order. */
  read(after: number, limit: number): WaitingEvent[] {
    return this.#read.all(after, limit);
  }

  /** Lets go of every event up to and with `sequence`. */
  acknowledge(sequence: number): void {
    this.#write(() => this.#acknowledge.run(sequence));
  }

  /** The newest event's sequence number; 0 before the first. */
  get last(): number {
    return this.#window().last;
  }

  /** The cursor: everything up to and with this sequence number was acknowledged (or lost, and reported so). */
  get acknowledged(): number {
    const { first, last } = this.#window();
    return first === undefined ? last : first - 1;
  }

  get waiting(): number {
    return this.last - this.acknowledged;
  }

  /** Calls the listener after every append of this process, until the returned function is called. */
  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#listeners.clear();
    this.#database.close();
  }

  #window(): { first: number | undefined; last: number } {
    const { first, last } = required(this.#bounds.get());
    return { first: first ?? undefined, last };
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #write<T>(change: () => T): T {
    try {
      return change();
    } catch (cause) {
      if (!(cause instanceof Database.SqliteError)) throw cause;
      throw new EventsError(
        'events.outbox-write',
        `the event could not be committed to disk (${cause.message}); check that the state directory is there and not full`,
        { cause },
      );
    }
  }
}

function openDatabase(path: string): Database.Database {
  let database: Database.Database | undefined;
  try {
    database = new Database(path);
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    const layout = Number(database.pragma('user_version', { simple: true }));
    if (layout > LAYOUT)
      throw new EventsError(
        'events.outbox-newer',
        `${path} was written by a newer Whorl (layout ${layout}); update Whorl`,
      );
    if (layout < LAYOUT) create(database);
    return database;
  } catch (cause) {
    database?.close();
    if (cause instanceof EventsError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EventsError(
      'events.outbox-unreadable',
      `the outbox ${path} cannot be opened (${reason}); if the file is damaged, move it away and start again`,
      { cause },
    );
  }
}

function create(database: Database.Database): void {
  database
    .transaction(() => {
      // Another process may have been quicker.
      if (Number(database.pragma('user_version', { simple: true })) === LAYOUT) return;
      database.exec(`
        CREATE TABLE event (sequence INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
        CREATE TABLE journal (id TEXT NOT NULL, last INTEGER NOT NULL, lost_from INTEGER, lost_to INTEGER NOT NULL,
          lost_count INTEGER NOT NULL) STRICT;
      `);
      database.prepare('INSERT INTO journal VALUES (?, 0, NULL, 0, 0)').run(randomBytes(8).toString('hex'));
      database.pragma(`user_version = ${LAYOUT}`);
    })
    .immediate();
}

/** The journal has exactly one row from its creation on. */
function required<T>(row: T | undefined): T {
  if (row === undefined) throw new EventsError('events.outbox-unreadable', 'the outbox has lost its journal row');
  return row;
}
