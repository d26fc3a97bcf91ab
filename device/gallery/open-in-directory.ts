import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { makeDirectory } from '../durable-file.ts';
import { GalleryError } from './errors.ts';
import { Gallery } from './gallery.ts';
import { makeMasterKey, readMasterKey } from './master-key.ts';

const GALLERY_FILE = 'gallery.sqlite';
const KEY_FILE = 'gallery.key';

/**
 * Opens the gallery of a terminal's state directory with the key beside it; an empty directory gets a new gallery and
 * a new key.
 *
 * @throws GalleryError as `readMasterKey` and `Gallery.open`
 */
export function openGalleryIn(directory: string, clock?: Clock): Gallery {
  const path = join(directory, GALLERY_FILE);
  const keyPath = join(directory, KEY_FILE);
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
  if (!existsSync(path)) makeMasterKey(keyPath);
  const key = readMasterKey(keyPath);
  try {
    return Gallery.open({ path, key, ...(clock && { clock }) });
  } finally {
    key.fill(0);
  }
}
