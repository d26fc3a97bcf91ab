import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { dropGathered } from '../arriving-files.ts';
import type { Clock } from '../clock.ts';
import { removeFile } from '../durable-file.ts';
import { removeCopies } from '../schema-steps.ts';
import { destroySecret, type Destruction } from '../secrets/secret-file.ts';
import { claimKeys, galleryPath, masterKeyPath, nextKeyPath, settleState } from './open-in-directory.ts';
import { storing } from './store.ts';

/** What an operator can show for the erasure of a whole gallery. */
export interface GalleryErasureReceipt {
  readonly kind: 'gallery';
  /** ISO 8601. */
  readonly erasedAt: string;
  /** Undefined where the file could not be read any more. */
  readonly people?: number;
  readonly templates?: number;
  /** How the key went; undefined where an erasure that was cut off had destroyed it already. */
  readonly key?: Destruction;
}

/**
 * Erases a gallery, its rules and its tombstones: first the key that everything hangs on, then the files. The key need
 * not be readable. Whatever ends it at any instant, it can be asked for again.
 *
 * @throws GalleryError `gallery.busy`, `gallery.storage`; SecretsError of a keeper that does not forget the key: then
 *   everything is there still
 */
export function eraseGallery(directory: string, clock: Clock): GalleryErasureReceipt {
  settleState(directory);
  const release = claimKeys(directory);
  try {
    dropGathered(directory);
    const path = galleryPath(directory);
    return storing(path, () => {
      const counts = existsSync(path) ? countIn(path) : {};
      destroySecret(nextKeyPath(directory), 'master key');
      const key = destroySecret(masterKeyPath(directory), 'master key');
      removeCopies(path);
      for (const end of ['', '-wal', '-shm']) removeFile(`${path}${end}`);
      return {
        kind: 'gallery',
        erasedAt: new Date(clock.now()).toISOString(),
        ...counts,
        ...(key && { key }),
      };
    });
  } finally {
    release();
  }
}

function countIn(path: string): { people?: number; templates?: number } {
  const database = new Database(path);
  try {
    const count = (table: string): number =>
      database.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? 0;
    return { people: count('person'), templates: count('template') };
  } catch {
    // Whatever is wrong with it, it goes.
    return {};
  } finally {
    database.close();
  }
}
