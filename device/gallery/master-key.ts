import { randomBytes } from 'node:crypto';
import { SecretsError } from '../secrets/errors.ts';
import type { KeeperChoice, KeptSecret } from '../secrets/keeper.ts';
import { makeSecret, readSecret, replaceSecret } from '../secrets/secret-file.ts';
import { GalleryError } from './errors.ts';
import { KEY_BYTES } from '../secrets/seal.ts';

const WHAT = 'master key';

/**
 * Reads the key that everything in a gallery hangs on: a file of 32 random bytes, or of where they are kept, which its
 * owner alone may read.
 *
 * @throws GalleryError `gallery.key-missing`, `gallery.key-unsafe`, `gallery.key-invalid`; SecretsError of a keeper that
 *   does not give it
 */
export function readMasterKey(path: string): Buffer {
  return keyed(() => {
    const { secret } = readSecret(path, WHAT);
    if (secret.length === KEY_BYTES) return secret;
    throw new GalleryError(
      'gallery.key-invalid',
      `the master key ${path} has ${secret.length} bytes instead of ${KEY_BYTES}; bring it back from a copy`,
    );
  });
}

/**
 * Makes a new random key, whole or not at all, and never in the place of another.
 *
 * @returns undefined where there is a file of that name already
 * @throws GalleryError `gallery.storage`; SecretsError of a keeper that was asked for by name
 */
export function makeMasterKey(path: string, choice: KeeperChoice): KeptSecret | undefined {
  return keyed(() => makeSecret(path, WHAT, () => randomBytes(KEY_BYTES), choice));
}

/** Writes a key in the place of another, whole or not at all. Throws as `makeMasterKey`. */
export function replaceMasterKey(path: string, key: Uint8Array, choice: KeeperChoice): KeptSecret {
  return keyed(() => replaceSecret(path, WHAT, key, choice));
}

function keyed<T>(action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (!(cause instanceof SecretsError)) throw cause;
    switch (cause.code) {
      case 'secrets.missing':
        throw new GalleryError('gallery.key-missing', cause.message, { cause });
      case 'secrets.unsafe':
        throw new GalleryError('gallery.key-unsafe', cause.message, { cause });
      case 'secrets.malformed':
        throw new GalleryError('gallery.key-invalid', cause.message, { cause });
      case 'secrets.storage':
        throw new GalleryError('gallery.storage', cause.message, { cause });
      default:
        throw cause;
    }
  }
}
