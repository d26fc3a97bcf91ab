import { CollectorError } from './errors.ts';
import type { EventStore } from './event-store.ts';
import { SqliteStore } from './sqlite-store.ts';

/**
 * Opens the store behind a URL: `sqlite:<path>`.
 *
 * @throws CollectorError `collector.store-url`, `collector.store-unreadable`, `collector.store-newer`
 */
export function openStore(url: string): EventStore {
  const path = /^sqlite:(.+)$/.exec(url)?.[1];
  if (path === undefined) throw new CollectorError('collector.store-url', 'the store is given as sqlite:<path>');
  return new SqliteStore(path);
}
