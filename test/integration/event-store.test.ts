import { join } from 'node:path';
import { after, type TestContext } from 'node:test';
import Database from 'better-sqlite3';
import pg from 'pg';
import { PostgresStore } from '../../fleet/collector/postgres-store.ts';
import { SqliteStore } from '../../fleet/collector/sqlite-store.ts';
import { ProofCleanup } from '../support/cleanup.ts';
import { eventStoreContract, type OpenedStore } from '../support/event-store-contract.ts';
import { Postgres, skipWithoutPostgres } from '../support/postgres.ts';
import { scratch } from '../support/scratch.ts';

function openSqlite(context: TestContext, path: string): Promise<OpenedStore> {
  const store = new SqliteStore(path);
  const reader = new Database(path, { readonly: true });
  context.after(async () => {
    reader.close();
    await store.close();
  });
  const select = reader.prepare<[string, string], { sequence: number; body: string }>(
    'SELECT sequence, body FROM event WHERE device = ? AND journal = ? ORDER BY sequence',
  );
  return Promise.resolve({
    store,
    sequences: (device, journal) => Promise.resolve(select.all(device, journal).map(({ sequence }) => sequence)),
    body: (device, journal, wanted) =>
      Promise.resolve(select.all(device, journal).find(({ sequence }) => sequence === wanted)?.body),
  });
}

eventStoreContract('SQLite', false, async (context) => {
  const path = join(scratch(context), 'events.sqlite');
  return { ...(await openSqlite(context, path)), again: () => openSqlite(context, path) };
});

async function openPostgres(context: TestContext, url: string): Promise<OpenedStore> {
  const store = await PostgresStore.open(url);
  const reader = new pg.Client(url);
  await reader.connect();
  context.after(async () => {
    await reader.end();
    await store.close();
  });
  const select = async (device: string, journal: string): Promise<{ sequence: number; body: string }[]> => {
    const { rows } = await reader.query<{ sequence: string; body: string }>(
      'SELECT sequence, body FROM event WHERE device = $1 AND journal = $2 ORDER BY sequence',
      [device, journal],
    );
    return rows.map(({ sequence, body }) => ({ sequence: Number(sequence), body }));
  };
  return {
    store,
    sequences: async (device, journal) => (await select(device, journal)).map(({ sequence }) => sequence),
    body: async (device, journal, wanted) =>
      (await select(device, journal)).find(({ sequence }) => sequence === wanted)?.body,
  };
}

const cleanup = new ProofCleanup();
after(() => cleanup.close());
let postgres: Promise<Postgres> | undefined;
let databases = 0;
eventStoreContract('PostgreSQL', skipWithoutPostgres(), async (context) => {
  // One for all tests, a database each.
  postgres ??= Postgres.open(cleanup);
  const url = (await postgres).create(`d${++databases}`);
  return { ...(await openPostgres(context, url)), again: () => openPostgres(context, url) };
});
