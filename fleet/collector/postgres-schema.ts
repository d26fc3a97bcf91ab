import type { ClientBase } from 'pg';
import { CollectorError } from './errors.ts';

/** Names the lock under which one process at a time changes tables: any number, the same for all of ours. */
const LOCK = 774_067_531;

/** Steps from an empty database to today's layout; a new layout adds one, and a published step is never changed. */
const STEPS = [
  `CREATE TABLE event (device text NOT NULL, journal text NOT NULL, sequence bigint NOT NULL, type text NOT NULL,
     subject text, time timestamptz NOT NULL, stored timestamptz NOT NULL, late boolean NOT NULL, body text NOT NULL,
     PRIMARY KEY (device, journal, sequence, time)) PARTITION BY RANGE (time);
   CREATE INDEX event_by_time ON event USING brin (time);
   CREATE TABLE event_of_odd_time PARTITION OF event DEFAULT;
   -- Rows are rewritten with every batch: room on their page spares their index.
   CREATE TABLE journal (device text NOT NULL, journal text NOT NULL, cursor bigint NOT NULL DEFAULT 0,
     highest bigint NOT NULL DEFAULT 0, ledger text NOT NULL DEFAULT '{"stored":[],"lost":[]}',
     PRIMARY KEY (device, journal)) WITH (fillfactor = 50);
   CREATE TABLE dead_letter (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL,
     topic text NOT NULL, reason text NOT NULL, payload bytea NOT NULL);`,
];

/** A month as partitions are named by it. */
export type Month = `${number}_${string}`;

export function monthOf(time: number): Month {
  const date = new Date(time);
  return `${date.getUTCFullYear()}_${String(date.getUTCMonth() + 1).padStart(2, '0')}`;
}

const bounds = (month: Month): [string, string] => {
  const [year, number] = month.split('_').map(Number);
  const first = (index: number): string => new Date(Date.UTC(year, index)).toISOString();
  return [first(number - 1), first(number)];
};

/** Brings the tables up to date. @throws CollectorError `collector.store-newer` */
export async function migrate(client: ClientBase): Promise<void> {
  await locked(client, async () => {
    await client.query('CREATE TABLE IF NOT EXISTS layout (steps integer NOT NULL)');
    const { rows } = await client.query<{ steps: number }>('SELECT steps FROM layout');
    const taken = rows.at(0)?.steps ?? 0;
    if (taken > STEPS.length)
      throw new CollectorError(
        'collector.store-newer',
        `the event store was written by a newer Whorl (layout ${taken}); update this collector`,
      );
    for (const step of STEPS.slice(taken)) await client.query(step);
    if (rows.length === 0) await client.query('INSERT INTO layout VALUES ($1)', [STEPS.length]);
    else await client.query('UPDATE layout SET steps = $1', [STEPS.length]);
  });
}

/** Makes the partition of a month. What lies in the default partition of it moves there. */
export async function makePartition(client: ClientBase, month: Month): Promise<void> {
  const [from, to] = bounds(month);
  await locked(client, async () => {
    const { rows } = await client.query<{ there: string | null }>('SELECT to_regclass($1) AS there', [
      `event_${month}`,
    ]);
    if (rows[0].there !== null) return;
    await client.query(`
      CREATE TABLE event_${month} (LIKE event INCLUDING ALL);
      WITH moved AS (DELETE FROM event_of_odd_time WHERE time >= '${from}' AND time < '${to}' RETURNING *)
        INSERT INTO event_${month} SELECT * FROM moved;
      ALTER TABLE event ATTACH PARTITION event_${month} FOR VALUES FROM ('${from}') TO ('${to}');
    `);
  });
}

/** Drops the partitions that lie wholly before a moment, and what the default partition has of before it. */
export async function dropPartitions(client: ClientBase, before: number): Promise<Month[]> {
  const dropped: Month[] = [];
  await locked(client, async () => {
    const { rows } = await client.query<{ name: string }>(
      "SELECT relid::regclass::text AS name FROM pg_partition_tree('event') WHERE isleaf AND relid::regclass::text ~ 'event_[0-9]+_[0-9]+$'",
    );
    for (const { name } of rows) {
      const month = name.replace(/^.*event_/, '') as Month;
      if (Date.parse(bounds(month)[1]) > before) continue;
      await client.query(`DROP TABLE event_${month}`);
      dropped.push(month);
    }
    await client.query('DELETE FROM event_of_odd_time WHERE time < $1', [new Date(before)]);
  });
  return dropped;
}

async function locked(client: ClientBase, work: () => Promise<void>): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    await work();
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
