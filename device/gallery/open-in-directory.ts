import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { type Placing, settleFiles } from '../arriving-files.ts';
import { makeDirectory, removeFile } from '../durable-file.ts';
import { claim } from '../exclusive.ts';
import type { KeeperChoice } from '../secrets/keeper.ts';
import { supersede } from '../secrets/secret-file.ts';
import { GalleryError } from './errors.ts';
import { Gallery } from './gallery.ts';
import { makeMasterKey, readMasterKey } from './master-key.ts';

/** Where a state directory keeps its gallery. */
export const galleryPath = (directory: string): string => join(directory, 'gallery.sqlite');
export const masterKeyPath = (directory: string): string => join(directory, 'gallery.key');
/** The key that a rotation is about to lock the gallery with. */
export const nextKeyPath = (directory: string): string => join(directory, 'gallery.key.next');

const PLACINGS: Readonly<Record<string, Placing>> = {
  'gallery.key': supersede,
  'gallery.sqlite': (from, to) => {
    // SQLite would take what is beside the old file for the new one's.
    for (const end of ['-wal', '-shm']) removeFile(`${to}${end}`);
    renameSync(from, to);
  },
};

/** Finishes a restore that was cut off. @throws WhorlError `state.busy` */
export function settleState(directory: string): void {
  settleFiles(directory, PLACINGS);
}

/**
 * Opens the gallery of a terminal's state directory with the key beside it; an empty directory gets a new gallery and
 * a new key.
 *
 * @param keys what shall keep a new key
 * @throws GalleryError as `readMasterKey` and `Gallery.open`
 */
export function openGalleryIn(directory: string, clock?: Clock, keys: KeeperChoice = { keeper: 'file' }): Gallery {
  const path = galleryPath(directory);
  const keyPath = masterKeyPath(directory);
  settleState(directory);
  try {
    makeDirectory(directory);
  } catch (cause) {
    throw new GalleryError(
      'gallery.storage',
      `the state directory ${directory} cannot be made (${cause instanceof Error ? cause.message : String(cause)})`,
      { cause },
    );
  }
  // A new key would never open an old gallery, so one is only made where there is none to open.
  if (!existsSync(path)) makeMasterKey(keyPath, keys);
  try {
    return openWith(keyPath, path, clock);
  } catch (error) {
    const nextPath = nextKeyPath(directory);
    if (!(error instanceof GalleryError && error.code === 'gallery.wrong-key') || !existsSync(nextPath)) throw error;
    return finishRotation(directory, clock);
  }
}

/**
 * A rotation was cut off after the gallery had been locked with the next key and before that had taken the place
 * of the old one.
 */
function finishRotation(directory: string, clock: Clock | undefined): Gallery {
  const release = claimKeys(directory);
  try {
    // Another process may have been quicker.
    const path = existsSync(nextKeyPath(directory)) ? nextKeyPath(directory) : masterKeyPath(directory);
    const gallery = openWith(path, galleryPath(directory), clock);
    if (path === nextKeyPath(directory)) supersede(path, masterKeyPath(directory));
    return gallery;
  } finally {
    release();
  }
}

/** Whoever changes the keys does so alone. @throws GalleryError `gallery.busy` */
export function claimKeys(directory: string): () => void {
  return claim(join(directory, 'gallery-keys.lock'), 'gallery.busy', 'the gallery’s key is being changed; try again');
}

function openWith(keyPath: string, path: string, clock: Clock | undefined): Gallery {
  const key = readMasterKey(keyPath);
  try {
    return Gallery.open({ path, key, ...(clock && { clock }) });
  } finally {
    key.fill(0);
  }
}
