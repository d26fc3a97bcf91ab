import { CollectorError } from './errors.ts';
import type { EventStore } from './event-store.ts';
import { PostgresStore } from './postgres-store.ts';
import { SqliteStore } from './sqlite-store.ts';

/**
 * Opens the store behind a URL: `sqlite:<path>` or `postgres://user@host/database`.
 *
 * @throws CollectorError `collector.store-url`, `collector.store-unreadable`, `collector.store-away`, `collector.store-newer`
 */
export async function openStore(url: string): Promise<EventStore> {
  if (/^postgres(ql)?:/.test(url)) return await PostgresStore.open(url);
  const path = /^sqlite:(.+)$/.exec(url)?.[1];
  if (path === undefined)
    throw new CollectorError(
      'collector.store-url',
      'the store is given as sqlite:<path> or postgres://user@host/database',
    );
  return new SqliteStore(path);
}
