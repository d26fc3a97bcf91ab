import { randomBytes } from 'node:crypto';
import Database from 'better-sqlite3';
import type { Clock } from '../clock.ts';
import { removeCopies, takeSteps, type SchemaStep } from '../schema-steps.ts';
import { EventsError } from './errors.ts';
import type { Report, TerminalEvent } from './event.ts';

/** How many digits of a sequence number are written, so that text sorts as numbers do: enough for a century. */
const SEQUENCE_DIGITS = 10;

/** How many old events are looked at, and may be let go, at a time: the door must not wait for it. */
const PRUNE = 500;

const DAY_MS = 86_400_000;

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
  readonly acknowledged: number;
}

interface Bounds {
  readonly journal: string;
  readonly first: number;
  readonly last: number;
  readonly acknowledged: number;
}

/** An event as it is kept. */
export interface KeptEvent {
  readonly sequence: number;
  /** The CloudEvent's JSON, byte for byte the same at every attempt. */
  readonly body: string;
}

/**
 * A terminal's events, on disk: those that still have to reach the operators, and behind them those that can be sent
 * again.
 *
 * An event is committed when `append` returns: no power cut takes it away (WAL, synchronous=FULL). What is kept is
 * always one run of sequence numbers without a hole, from `first` to `last`, and what waits is its end, from
 * `acknowledged + 1` on: so the whole state of the delivery is one cursor, which whoever acknowledges moves.
 * Acknowledged events go when they are old or their room is needed; events that wait go only when nothing else is left
 * to go, and such a gap is counted. Several processes may append to the same outbox.
 */
export class Outbox {
  readonly #database: Database.Database;
  readonly #listeners = new Set<() => void>();
  readonly #append: (report: Report) => TerminalEvent;
  readonly #reportLoss: () => boolean;
  readonly #read: Database.Statement<[number, number], KeptEvent>;
  readonly #acknowledge: Database.Statement<[{ sequence: number }]>;
  readonly #bounds: Database.Statement<[], Bounds>;
  readonly #prune: (cutoff: number, now: number) => boolean;

  /** @throws EventsError `events.outbox-unreadable`, `events.outbox-newer` */
  constructor({ path, device, capacity, clock }: OutboxOptions) {
    this.#database = openDatabase(path);
    const database = this.#database;
    this.#read = database.prepare('SELECT sequence, body FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?');
    this.#acknowledge = database.prepare(
      'UPDATE journal SET acknowledged = min($sequence, last) WHERE acknowledged < $sequence',
    );
    this.#bounds = database.prepare(
      'SELECT id AS journal, coalesce((SELECT min(sequence) FROM event), last + 1) AS first, last, acknowledged FROM journal',
    );

    const state = database.prepare<[], JournalRow>('SELECT * FROM journal');
    const advance = database.prepare<[number]>('UPDATE journal SET last = ?');
    const insert = database.prepare<[number, string]>('INSERT INTO event (sequence, body) VALUES (?, ?)');
    const drop = database.prepare<[number]>('DELETE FROM event WHERE sequence <= ?');
    const noteLoss = database.prepare<[{ from: number; to: number }]>(
      `UPDATE journal SET lost_from = coalesce(lost_from, $from), lost_to = $to, lost_count = lost_count + $to - $from + 1,
        acknowledged = $to`,
    );
    const forgetLoss = database.prepare('UPDATE journal SET lost_from = NULL, lost_to = 0, lost_count = 0');

    const makeRoom = (): void => {
      const { first, last, acknowledged } = this.#window();
      if (last - first + 1 < capacity) return;
      const lastToGo = last - capacity + 1;
      drop.run(lastToGo);
      // What waits is never passed by in silence.
      if (lastToGo > acknowledged) noteLoss.run({ from: acknowledged + 1, to: lastToGo });
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
    const prune = database.transaction((cutoff: number, now: number) => {
      const { first, acknowledged } = this.#window();
      const oldest = this.#read.all(first - 1, Math.max(0, Math.min(PRUNE, acknowledged - first + 1)));
      let lastToGo: number | undefined;
      for (const { sequence, body } of oldest) {
        const time = timeOf(body);
        if (time < cutoff) lastToGo = sequence;
        // A time to come says nothing about an event's age; it goes with the next one whose time does.
        else if (time <= now) break;
      }
      if (lastToGo === undefined) return false;
      drop.run(lastToGo);
      removeCopies(path);
      return lastToGo === oldest.at(-1)?.sequence && lastToGo < acknowledged;
    });
    // Immediate: the sequence number is read and written under one lock, against other processes too.
    this.#append = (report) => append.immediate(report);
    this.#reportLoss = () => reportLoss.immediate();
    this.#prune = (cutoff, now) => prune.immediate(cutoff, now);
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

  /** The oldest kept events behind `after`, in order. */
  read(after: number, limit: number): KeptEvent[] {
    return this.#read.all(after, limit);
  }

  /** Moves the cursor on to `sequence`, never back. The events stay for replay. */
  acknowledge(sequence: number): void {
    this.#write(() => this.#acknowledge.run({ sequence }));
  }

  /**
   * Lets some acknowledged events go that are older than so many days.
   *
   * @param now milliseconds since 1970, by a clock that is trusted
   * @returns whether there may be more of them
   */
  prune(days: number, now: number): boolean {
    return this.#write(() => this.#prune(now - days * DAY_MS, now));
  }

  /** The name of the series of sequence numbers; it changes only when the outbox is made anew. */
  get journal(): string {
    return this.#window().journal;
  }

  /** The oldest kept event's sequence number; `last + 1` where none is kept. */
  get first(): number {
    return this.#window().first;
  }

  /** The newest event's sequence number; 0 before the first. */
  get last(): number {
    return this.#window().last;
  }

  /** The cursor: everything up to and with this sequence number was acknowledged (or lost, and reported so). */
  get acknowledged(): number {
    return this.#window().acknowledged;
  }

  get waiting(): number {
    const { last, acknowledged } = this.#window();
    return last - acknowledged;
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

  #window(): Bounds {
    return required(this.#bounds.get());
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
    takeSteps(
      database,
      STEPS,
      (layout) =>
        new EventsError('events.outbox-newer', `${path} was written by a newer Whorl (layout ${layout}); update Whorl`),
    );
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

const STEPS: readonly SchemaStep[] = [
  (database) => {
    database.exec(`
      CREATE TABLE event (sequence INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
      CREATE TABLE journal (id TEXT NOT NULL, last INTEGER NOT NULL, lost_from INTEGER, lost_to INTEGER NOT NULL,
        lost_count INTEGER NOT NULL) STRICT;
    `);
    database.prepare('INSERT INTO journal VALUES (?, 0, NULL, 0, 0)').run(randomBytes(8).toString('hex'));
  },
  // Until now acknowledged events were deleted, and the oldest that was there told the cursor.
  `ALTER TABLE journal ADD COLUMN acknowledged INTEGER NOT NULL DEFAULT 0;
   UPDATE journal SET acknowledged = coalesce((SELECT min(sequence) - 1 FROM event), last);`,
];

/** When it happened, by its own account, in milliseconds since 1970. */
export function timeOf(body: string): number {
  return Date.parse((JSON.parse(body) as TerminalEvent).time);
}

/** The journal has exactly one row from its creation on. */
function required<T>(row: T | undefined): T {
  if (row === undefined) throw new EventsError('events.outbox-unreadable', 'the outbox has lost its journal row');
  return row;
}
