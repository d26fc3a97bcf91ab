import { randomBytes, randomUUID } from 'node:crypto';
import { closeSync, constants, fstatSync, linkSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncDirectory } from '../durable-file.ts';
import { GalleryError } from './errors.ts';
import { KEY_BYTES } from './seal.ts';

const OTHERS = 0o077;

/**
 * Reads the key that everything in a gallery hangs on: a file of 32 random bytes which its owner alone may read.
 *
 * @throws GalleryError `gallery.key-missing`, `gallery.key-unsafe`, `gallery.key-invalid`
 */
export function readMasterKey(path: string): Buffer {
  const file = openKey(path);
  try {
    const { mode, uid, size } = fstatSync(file);
    if ((mode & constants.S_IFMT) !== constants.S_IFREG)
      throw new GalleryError('gallery.key-unsafe', `the master key ${path} is not a plain file`);
    if ((mode & OTHERS) !== 0)
      throw new GalleryError(
        'gallery.key-unsafe',
        `others than its owner may use the master key ${path}; if nobody has copied it, forbid it by: chmod 600 ${path}`,
      );
    if (uid !== 0 && uid !== process.geteuid?.())
      throw new GalleryError('gallery.key-unsafe', `the master key ${path} belongs to another user`);
    // One byte more than a key has, so that a longer file shows.
    const bytes = Buffer.alloc(KEY_BYTES + 1);
    if (readSync(file, bytes) !== KEY_BYTES)
      throw new GalleryError(
        'gallery.key-invalid',
        `the master key ${path} has ${size} bytes instead of ${KEY_BYTES}; bring it back from a copy`,
      );
    return bytes.subarray(0, KEY_BYTES);
  } finally {
    closeSync(file);
  }
}

/**
 * Makes a new random key file, whole or not at all, and never in the place of another.
 *
 * @returns false where there is a file of that name already
 */
export function makeMasterKey(path: string): boolean {
  const directory = dirname(path);
  const draft = `${path}.${randomUUID()}`;
  try {
    writeFileSync(draft, randomBytes(KEY_BYTES), { mode: 0o600, flag: 'wx', flush: true });
    linkSync(draft, path);
    syncDirectory(directory);
    return true;
  } catch (cause) {
    if (isCode(cause, 'EEXIST')) return false;
    throw new GalleryError(
      'gallery.storage',
      `the master key ${path} cannot be made (${reasonOf(cause)}); check that ${directory} is there and writable`,
      { cause },
    );
  } finally {
    rmSync(draft, { force: true });
  }
}

function openKey(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    if (isCode(cause, 'ENOENT'))
      throw new GalleryError('gallery.key-missing', `there is no master key ${path}; bring it back from a copy`, {
        cause,
      });
    throw new GalleryError('gallery.key-unsafe', `the master key ${path} cannot be read (${reasonOf(cause)})`, {
      cause,
    });
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
