import { join } from 'node:path';
import type { TestContext } from 'node:test';
import Database from 'better-sqlite3';
import { SqliteStore } from '../../fleet/collector/sqlite-store.ts';
import { eventStoreContract, type OpenedStore } from '../support/event-store-contract.ts';
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
