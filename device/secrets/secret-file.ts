import { randomBytes, randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { syncDirectory } from '../durable-file.ts';
import { SecretsError } from './errors.ts';
import { forget, give, keep, type Keeper, type KeeperChoice, keeperOf, type KeptSecret } from './keeper.ts';

const OTHERS = 0o077;
/** No secret is nearly as long; whatever was found in its place is not read to its end. */
const LONGEST = 64 * 1024;

/**
 * Reads a secret from a file that its owner alone may read: the secret itself, or where it is kept.
 *
 * @param what it is, for people
 * @throws SecretsError `secrets.missing`, `secrets.unsafe`, `secrets.malformed`, and what the keeper throws
 */
export function readSecret(path: string, what: string): { readonly keeper: Keeper; readonly secret: Buffer } {
  return give(readContent(path, what));
}

/** Who keeps it, without asking for it. @throws SecretsError as `readSecret`, but for what the keeper throws */
export function keeperOfFile(path: string, what: string): Keeper {
  return keeperOf(readContent(path, what));
}

/**
 * Makes a new secret's file, whole or not at all, and never in the place of another.
 *
 * @param secret called only where there is none yet
 * @returns undefined where there is a file of that name already
 * @throws SecretsError `secrets.storage`, and what the keeper throws
 */
export function makeSecret(
  path: string,
  what: string,
  secret: () => Uint8Array,
  choice: KeeperChoice,
): KeptSecret | undefined {
  return withDraft(path, what, secret, choice, (draft) => {
    try {
      linkSync(draft, path);
      return true;
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return false;
      throw cause;
    }
  });
}

/**
 * Puts a secret's file in the place of another, whole or not at all; the other one is destroyed as well as can be.
 *
 * @throws SecretsError `secrets.storage`, and what the keeper throws; then the other one is there still
 */
export function replaceSecret(path: string, what: string, secret: Uint8Array, choice: KeeperChoice): KeptSecret {
  const kept = withDraft(
    path,
    what,
    () => secret,
    choice,
    (draft) => {
      supersede(draft, path);
      return true;
    },
  );
  if (!kept) throw new Error('a rename replaces');
  return kept;
}

/** Puts this file, with the secret in it, in the place of the one at `path`, which is destroyed as well as can be. */
export function supersede(draft: string, path: string): void {
  const old = openIfThere(path);
  try {
    const content = old === undefined ? undefined : readFileSync(old);
    renameSync(draft, path);
    syncDirectory(dirname(path));
    if (old !== undefined && content !== undefined) blot(old, content);
  } finally {
    if (old !== undefined) closeSync(old);
  }
}

/** What is left of a destroyed secret. */
export interface Destruction {
  readonly keeper: Keeper;
  /**
   * Whether no copy of the file is worth anything any more, because its keeper has forgotten the secret. Else the file
   * was overwritten and removed, which flash memory may not do to every old block.
   */
  readonly forGood: boolean;
}

/**
 * Destroys a secret and its file.
 *
 * @returns undefined where there is none
 * @throws SecretsError `secrets.storage`, and what the keeper throws
 */
export function destroySecret(path: string, what: string): Destruction | undefined {
  const file = openIfThere(path);
  if (file === undefined) return undefined;
  try {
    const content = readFileSync(file);
    const keeper = keeperOf(content);
    const forGood = forget(content);
    blot(file, undefined);
    rmSync(path);
    syncDirectory(dirname(path));
    return { keeper, forGood };
  } catch (cause) {
    if (cause instanceof SecretsError) throw cause;
    throw storage(path, what, cause);
  } finally {
    closeSync(file);
  }
}

/** Overwrites the bytes of a file that has no name any more, or soon has none. */
function blot(file: number, forgotten: Buffer | undefined): void {
  writeSync(file, randomBytes(Math.max(1, fstatSync(file).size)), 0, undefined, 0);
  fsyncSync(file);
  try {
    if (forgotten) forget(forgotten);
  } catch {
    // A TPM that does not answer keeps a secret whose authorisation has just been overwritten.
  }
}

function withDraft(
  path: string,
  what: string,
  secret: () => Uint8Array,
  choice: KeeperChoice,
  place: (draft: string) => boolean,
): KeptSecret | undefined {
  const draft = `${path}.${randomUUID()}`;
  let kept: KeptSecret | undefined;
  let placed = false;
  try {
    kept = keep(secret(), `whorl.${basename(path)}`, choice);
    writeFileSync(draft, kept.content, { mode: 0o600, flag: 'wx', flush: true });
    placed = place(draft);
    syncDirectory(dirname(path));
    return placed ? kept : undefined;
  } catch (cause) {
    if (cause instanceof SecretsError) throw cause;
    throw storage(path, what, cause);
  } finally {
    rmSync(draft, { force: true });
    if (kept && !placed) forget(kept.content);
  }
}

function readContent(path: string, what: string): Buffer {
  const file = open(path, what);
  try {
    const { mode, uid, size } = fstatSync(file);
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw unsafe(`the ${what} ${path} is not a plain file`);
    if ((mode & OTHERS) !== 0)
      throw unsafe(
        `others than its owner may use the ${what} ${path}; if nobody has copied it, forbid it by: chmod 600 ${path}`,
      );
    if (uid !== 0 && uid !== process.geteuid?.()) throw unsafe(`the ${what} ${path} belongs to another user`);
    const bytes = Buffer.alloc(Math.min(size, LONGEST));
    return bytes.subarray(0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}

function open(path: string, what: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')
      throw new SecretsError('secrets.missing', `there is no ${what} ${path}; bring it back from a copy`, { cause });
    throw new SecretsError('secrets.unsafe', `the ${what} ${path} cannot be read (${reasonOf(cause)})`, { cause });
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new SecretsError('secrets.storage', `${path} cannot be overwritten (${reasonOf(cause)})`, { cause });
  }
}

function unsafe(message: string): SecretsError {
  return new SecretsError('secrets.unsafe', message);
}

function storage(path: string, what: string, cause: unknown): SecretsError {
  return new SecretsError(
    'secrets.storage',
    `the ${what} ${path} cannot be kept (${reasonOf(cause)}); check that ${dirname(path)} is there and writable`,
    { cause },
  );
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
