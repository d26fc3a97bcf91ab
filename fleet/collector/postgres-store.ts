import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
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
import { dropPartitions, makePartition, migrate, monthOf, type Month } from './postgres-schema.ts';

/** Connections a collector needs: its batch, its look at holes, and one to spare. */
const CONNECTIONS = 3;

const CONNECT_MS = 5_000;

/** A statement without an answer for so long means that the database is away. */
const ANSWER_MS = 60_000;

/**
 * Months that get a partition of their own, around now; a clock that is further off puts its events into the default
 * partition.
 */
const MONTHS_BACK_MS = 5 * 366 * 86_400_000;
const MONTHS_AHEAD_MS = 31 * 86_400_000;

/**
 * Every door's events in PostgreSQL, partitioned by month of their time.
 *
 * A batch locks its journals' rows in the order of their names, so that collectors which have events of the same device
 * take turns; the ledgers read under that lock say what is new, and only that is copied in.
 */
export class PostgresStore implements EventStore {
  readonly #pool: pg.Pool;
  readonly #journals = new Set<string>();
  readonly #months = new Set<Month>();

  private constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** @throws CollectorError `collector.store-away`, `collector.store-newer` */
  static async open(url: string): Promise<PostgresStore> {
    const pool = new pg.Pool({
      connectionString: url,
      max: CONNECTIONS,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: ANSWER_MS,
      application_name: 'whorl-collector',
    });
    // Of connections that nobody uses: the next use makes a new one.
    pool.on('error', () => undefined);
    const store = new PostgresStore(pool);
    try {
      await store.#with(migrate);
      return store;
    } catch (error) {
      await pool.end();
      throw error;
    }
  }

  async commit(batch: readonly Arrival[]): Promise<Committed> {
    return await this.#with(async (client) => {
      const keys = journalsOf(batch);
      await this.#prepare(client, keys, batch);
      return await transaction(client, async () => {
        const ledgers = await lockLedgers(client, keys);
        const { fresh, known } = admit(batch, ledgers);
        await copyEvents(client, fresh);
        const others = await othersAmong(client, known);
        if (others.length > 0) await keepLetters(client, others.map(otherEvent));
        const standings = await writeLedgers(client, keys, ledgers);
        return { standings, fresh: fresh.length };
      });
    });
  }

  async refuse(refusals: readonly Refusal[]): Promise<void> {
    await this.#with((client) => transaction(client, () => keepLetters(client, refusals)));
  }

  async standings(keys: readonly JournalKey[]): Promise<Standing[]> {
    return await this.#with(async (client) => {
      const { rows } = await client.query<StandingRow>(
        'SELECT device, journal, cursor, highest FROM journal JOIN unnest($1::text[], $2::text[]) AS wanted (device, journal) USING (device, journal)',
        columns(keys),
      );
      return rows.map(standing);
    });
  }

  async holes(limit: number): Promise<Standing[]> {
    return await this.#with(async (client) => {
      const { rows } = await client.query<StandingRow>(
        'SELECT device, journal, cursor, highest FROM journal WHERE highest > cursor ORDER BY device LIMIT $1',
        [limit],
      );
      return rows.map(standing);
    });
  }

  async giveUp(key: JournalKey, cursor: number): Promise<GivenUp> {
    return await this.#with((client) =>
      transaction(client, async () => {
        const ledgers = await lockLedgers(client, [key]);
        const hole = ledgers.get(keyOf(key))?.giveUp(cursor);
        const [after] = await writeLedgers(client, [key], ledgers);
        return { standing: after, hole };
      }),
    );
  }

  async prune(before: number): Promise<void> {
    await this.#with(async (client) => {
      for (const month of await dropPartitions(client, before)) this.#months.delete(month);
    });
  }

  async deadLetters(limit: number): Promise<DeadLetter[]> {
    return await this.#with(async (client) => {
      const { rows } = await client.query<{ at: Date; topic: string; reason: string; payload: Buffer }>(
        'SELECT at, topic, reason, payload FROM dead_letter ORDER BY number DESC LIMIT $1',
        [limit],
      );
      return rows.map(({ at, ...letter }) => ({ at: at.getTime(), ...letter }));
    });
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  /** Makes what a batch needs and is never unmade by another batch: rows of new journals, partitions of new months. */
  async #prepare(client: pg.ClientBase, keys: readonly JournalKey[], batch: readonly Arrival[]): Promise<void> {
    const unmade = keys.filter((key) => !this.#journals.has(keyOf(key)));
    if (unmade.length > 0) {
      await client.query(
        'INSERT INTO journal (device, journal) SELECT * FROM unnest($1::text[], $2::text[]) ORDER BY 1, 2 ON CONFLICT DO NOTHING',
        columns(unmade),
      );
      for (const key of unmade) this.#journals.add(keyOf(key));
    }
    for (const { time, stored } of batch) {
      if (time < stored - MONTHS_BACK_MS || time > stored + MONTHS_AHEAD_MS) continue;
      const month = monthOf(time);
      if (this.#months.has(month)) continue;
      await makePartition(client, month);
      this.#months.add(month);
    }
  }

  async #with<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    let client: pg.PoolClient | undefined;
    try {
      client = await this.#pool.connect();
      // A connection that breaks says so here too, besides failing its query.
      client.on('error', ignore);
      const result = await work(client);
      client.off('error', ignore);
      client.release();
      return result;
    } catch (cause) {
      // Whatever state it is in, the next one is sound.
      client?.release(true);
      if (cause instanceof CollectorError) throw cause;
      const { message, code } =
        cause instanceof Error ? (cause as Error & { code?: string }) : { message: String(cause) };
      // Classes of SQLSTATE: 22, data exception; 23, integrity constraint violation.
      const lasting = cause instanceof pg.DatabaseError && /^2[23]/.test(code ?? '');
      throw new CollectorError(
        lasting ? 'collector.store-refused' : 'collector.store-away',
        `PostgreSQL does not take it (${message}); check that it runs, that its disk is not full, and who may write there`,
        { cause },
      );
    }
  }
}

const ignore = (): undefined => undefined;

interface StandingRow {
  readonly device: string;
  readonly journal: string;
  readonly cursor: string;
  readonly highest: string;
}

const standing = ({ device, journal, cursor, highest }: StandingRow): Standing => ({
  device,
  journal,
  cursor: Number(cursor),
  highest: Number(highest),
});

const columns = (keys: readonly JournalKey[]): [string[], string[]] => [
  keys.map(({ device }) => device),
  keys.map(({ journal }) => journal),
];

async function transaction<T>(client: pg.ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN');
  try {
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(ignore);
    throw error;
  }
}

async function lockLedgers(client: pg.ClientBase, keys: readonly JournalKey[]): Promise<Map<string, Ledger>> {
  const { rows } = await client.query<JournalKey & { ledger: string }>({
    name: 'lock-ledgers',
    text: `SELECT j.device, j.journal, j.ledger FROM unnest($1::text[], $2::text[]) AS wanted (device, journal)
             JOIN journal j USING (device, journal) ORDER BY j.device, j.journal FOR UPDATE OF j`,
    values: columns(keys),
  });
  return new Map(rows.map((row) => [keyOf(row), openLedger(row.ledger)]));
}

async function writeLedgers(
  client: pg.ClientBase,
  keys: readonly JournalKey[],
  ledgers: ReadonlyMap<string, Ledger>,
): Promise<Standing[]> {
  const written = keys.map((key) => ({ key, ledger: ledgers.get(keyOf(key)) ?? new Ledger() }));
  const standings = written.map(({ key, ledger }) => standingOf(key, ledger));
  await client.query({
    name: 'write-ledgers',
    text: `UPDATE journal j SET cursor = n.cursor, highest = n.highest, ledger = n.ledger
             FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[])
               AS n (device, journal, cursor, highest, ledger)
             WHERE j.device = n.device AND j.journal = n.journal`,
    values: [
      ...columns(keys),
      standings.map(({ cursor }) => cursor),
      standings.map(({ highest }) => highest),
      written.map(({ ledger }) => writeLedger(ledger)),
    ],
  });
  return standings;
}

async function copyEvents(client: pg.ClientBase, events: readonly Arrival[]): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map(({ device, journal, sequence, type, subject, time, stored, late, body }) =>
    [
      device,
      journal,
      sequence,
      type,
      subject === undefined ? '\\N' : copyText(subject),
      new Date(time).toISOString(),
      new Date(stored).toISOString(),
      late ? 't' : 'f',
      copyText(body),
    ].join('\t'),
  );
  const into = client.query(
    copyFrom('COPY event (device, journal, sequence, type, subject, time, stored, late, body) FROM STDIN'),
  );
  await pipeline(Readable.from([Buffer.from(`${rows.join('\n')}\n`)]), into);
}

/** Text as COPY reads it. */
const copyText = (text: string): string =>
  /[\\\n\r\t]/.test(text)
    ? text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')
    : text;

/** Those whose number is taken by an event that reads otherwise. */
async function othersAmong(client: pg.ClientBase, known: readonly Arrival[]): Promise<Arrival[]> {
  if (known.length === 0) return [];
  const { rows } = await client.query<{ position: string }>(
    `SELECT n.position FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) WITH ORDINALITY
         AS n (device, journal, sequence, body, position)
       JOIN event e USING (device, journal, sequence) WHERE e.body <> n.body`,
    [...columns(known), known.map(({ sequence }) => sequence), known.map(({ body }) => body)],
  );
  return rows.map(({ position }) => known[Number(position) - 1]);
}

async function keepLetters(client: pg.ClientBase, refusals: readonly Refusal[]): Promise<void> {
  await client.query(
    `INSERT INTO dead_letter (at, topic, reason, payload)
       SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::bytea[])`,
    [
      refusals.map(({ at }) => new Date(at)),
      // The topic is the only text here that no rule of ours went over.
      refusals.map(({ topic }) => topic.replaceAll('\u0000', '')),
      refusals.map(({ reason }) => reason),
      refusals.map(({ payload }) => payload.subarray(0, MOST_DEAD_LETTER_BYTES)),
    ],
  );
  await client.query('DELETE FROM dead_letter WHERE number <= (SELECT max(number) FROM dead_letter) - $1', [
    MOST_DEAD_LETTERS,
  ]);
}
