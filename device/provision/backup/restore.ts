import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { bringFiles } from '../../arriving-files.ts';
import { makeDirectory } from '../../durable-file.ts';
import { unpackArchive } from '../../gallery/archive.ts';
import { galleryPath, openGalleryIn } from '../../gallery/open-in-directory.ts';
import type { KeeperChoice } from '../../secrets/keeper.ts';
import { type BackupHeader, unpackBackup } from './backup-file.ts';
import { type BackupContent, contentSchema } from './content.ts';
import { BackupError } from './errors.ts';
import type { Opener } from './recipient.ts';

/** What a restore came to. */
export interface Restored {
  readonly header: BackupHeader;
  readonly people: number;
  readonly files: readonly string[];
  readonly events?: BackupContent['events'];
}

export interface RestoreTarget {
  /** The state directory of a board on which nobody is enrolled. */
  readonly state: string;
  readonly keys: KeeperChoice;
  readonly clock: Clock;
}

/**
 * Opens a backup without writing anything.
 *
 * @throws BackupError as `unpackBackup`
 */
export function openBackup(
  bytes: Buffer,
  opener: Opener,
): {
  readonly header: BackupHeader;
  readonly content: BackupContent;
  readonly people: ReturnType<typeof unpackArchive>;
} {
  const { header, content: plain, key } = unpackBackup(bytes, opener);
  try {
    const content = contentSchema.parse(JSON.parse(plain.toString('utf8')));
    return { header, content, people: unpackArchive(Buffer.from(content.people, 'base64'), key) };
  } catch (cause) {
    throw new BackupError('backup.malformed', 'the backup holds what this Whorl does not know; update Whorl', {
      cause,
    });
  } finally {
    plain.fill(0);
  }
}

/**
 * Puts what a backup holds on a board, under a new master key of that board: all of it, or nothing where anything goes
 * wrong or ends this at any instant. The board's own identity, key and journal of events stay its own.
 *
 * @param accept throws where this backup's signer is not to be trusted
 * @throws BackupError as `openBackup`, `backup.not-empty`; GalleryError; SecretsError
 */
export function restoreBackup(
  bytes: Buffer,
  opener: Opener,
  { state, keys, clock }: RestoreTarget,
  accept: (header: BackupHeader) => void,
): Restored {
  const { header, content, people } = openBackup(bytes, opener);
  accept(header);
  requireEmpty(state, keys);
  bringFiles(state, (gathered) => {
    const gallery = openGalleryIn(gathered, clock, keys);
    try {
      gallery.bury(content.tombstones);
      gallery.restore(people);
      if (content.rules) gallery.saveRules(content.rules.text, content.rules.operator, new Map());
    } finally {
      gallery.close();
    }
    for (const { path, bytes: file } of content.files) {
      const to = join(gathered, path);
      makeDirectory(dirname(to));
      writeFileSync(to, Buffer.from(file, 'base64'), { mode: 0o600, flag: 'wx' });
    }
  });
  // Opening lets the files take their places.
  openGalleryIn(state, clock, keys).close();
  const { events } = content;
  return { header, people: people.length, files: content.files.map(({ path }) => path), ...(events && { events }) };
}

/** A backup is the whole of a board: on one that is in use it would be neither the old door nor the new one. */
function requireEmpty(state: string, keys: KeeperChoice): void {
  if (!existsSync(galleryPath(state)) && !existsSync(join(state, 'arriving'))) return;
  const gallery = openGalleryIn(state, undefined, keys);
  try {
    if (gallery.size === 0 && gallery.rulesVersion === 0) return;
    throw new BackupError(
      'backup.not-empty',
      `${gallery.size} people are enrolled here; a backup is for a new board, or one that was emptied: whorl gallery erase-all`,
    );
  } finally {
    gallery.close();
  }
}
