import { randomBytes } from 'node:crypto';
import type { Keeper, KeeperChoice, KeptSecret } from '../secrets/keeper.ts';
import { keeperOfFile, supersede } from '../secrets/secret-file.ts';
import { KEY_BYTES } from '../secrets/seal.ts';
import { Gallery } from './gallery.ts';
import { readMasterKey, replaceMasterKey } from './master-key.ts';
import { claimKeys, galleryPath, masterKeyPath, nextKeyPath, openGalleryIn } from './open-in-directory.ts';

/** What a rotation of the master key came to. */
export interface KeyRotation {
  readonly people: number;
  /** Who keeps the new key, and why nobody better does. */
  readonly kept: Omit<KeptSecret, 'content'>;
  /** Whether the bytes that the old key opens have left the files; else the next erasure sees to it. */
  readonly scrubbed: boolean;
}

/**
 * Gives the gallery of a state directory a new master key and seals everything anew; the old key is destroyed. Whatever
 * ends it at any instant, the gallery opens afterwards by a key that is there, and nobody is lost.
 *
 * Those who have the gallery open meanwhile must open it again.
 *
 * @throws GalleryError as `openGalleryIn`, `gallery.busy`; SecretsError of a keeper that was asked for by name
 */
export function rotateMasterKey(directory: string, choice: KeeperChoice): KeyRotation {
  return withKeys(directory, (key) => {
    const gallery = Gallery.open({ path: galleryPath(directory), key });
    const next = randomBytes(KEY_BYTES);
    try {
      const { keeper, passedOver } = replaceMasterKey(nextKeyPath(directory), next, choice);
      const scrubbed = gallery.changeKey(next);
      supersede(nextKeyPath(directory), masterKeyPath(directory));
      return { people: gallery.size, kept: { keeper, passedOver }, scrubbed };
    } finally {
      next.fill(0);
      gallery.close();
    }
  });
}

/**
 * Gives the master key, as it is, to another keeper. Nothing is sealed anew: whoever copied the old file can still open
 * copies of the gallery, so a change of the key should follow where that is feared.
 *
 * @throws GalleryError as `readMasterKey`; SecretsError of a keeper that was asked for by name
 */
export function moveMasterKey(directory: string, choice: KeeperChoice): Omit<KeptSecret, 'content'> {
  return withKeys(directory, (key) => {
    const { keeper, passedOver } = replaceMasterKey(masterKeyPath(directory), key, choice);
    return { keeper, passedOver };
  });
}

/** Who keeps the master key of a state directory. @throws SecretsError where there is none, or not a safe one */
export function masterKeyKeeper(directory: string): Keeper {
  return keeperOfFile(masterKeyPath(directory), 'master key');
}

function withKeys<T>(directory: string, action: (key: Buffer) => T): T {
  // Finishes a rotation that was cut off; only then does the key in the file open the gallery.
  openGalleryIn(directory).close();
  const release = claimKeys(directory);
  try {
    const key = readMasterKey(masterKeyPath(directory));
    try {
      return action(key);
    } finally {
      key.fill(0);
    }
  } finally {
    release();
  }
}
