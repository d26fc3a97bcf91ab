import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Only its owner may read what lies in a state directory. */
const PRIVATE_FILE = 0o600;
const PRIVATE_DIRECTORY = 0o700;

/**
 * Puts a file in the place of another of that name: the whole new file or the whole old one, whenever the power fails,
 * and the new one once this returns.
 */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const draft = `${path}.new`;
  writeFileSync(draft, content, { mode: PRIVATE_FILE, flush: true });
  renameSync(draft, path);
  syncDirectory(dirname(path));
}

/** Removes a file, if there is one; it does not come back after a power cut. */
export function removeFile(path: string): void {
  rmSync(path, { force: true });
  syncDirectory(dirname(path));
}

/** Makes a directory and those above it, as far as they are not there, private to their owner. */
export function makeDirectory(path: string): void {
  const first = mkdirSync(path, { recursive: true, mode: PRIVATE_DIRECTORY });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) syncDirectory(dirname(made));
}

/** A name is safe from a power cut, whether it came or went, only once its directory is on disk. */
export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
