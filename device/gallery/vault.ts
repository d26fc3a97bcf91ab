import { hkdfSync, randomBytes } from 'node:crypto';
import type { Database, Statement } from 'better-sqlite3';
import { GalleryError } from './errors.ts';
import { corruptFile } from './store.ts';
import { KEY_BYTES, seal, unseal } from '../secrets/seal.ts';

const SALT_BYTES = 32;
const PURPOSE = 'whorl gallery 1: key of keys';
const CHECK_CONTEXT = 'whorl gallery 1: key check';
const keyContext = (person: string): string => `whorl gallery 1: key of person ${person}`;

interface Lock {
  readonly salt: unknown;
  readonly key_check: unknown;
}

/** Holds the key of keys: derived from the master key for this gallery alone, it seals each person's own key. */
export class Vault {
  readonly #key: Uint8Array;
  /** What was found, or put, in the gallery when it was opened: whoever changes its key changes this. */
  readonly #check: Uint8Array;
  readonly #lock: Statement<[], Lock>;

  private constructor(key: Uint8Array, check: Uint8Array, lock: Statement<[], Lock>) {
    this.#key = key;
    this.#check = check;
    this.#lock = lock;
  }

  /**
   * Opens the gallery's keys by the master key, or locks a new gallery with it.
   *
   * @throws GalleryError `gallery.wrong-key`, `gallery.key-invalid`
   */
  static open(database: Database, masterKey: Uint8Array): Vault {
    const read = database.prepare<[], Lock>('SELECT salt, key_check FROM gallery');
    return database
      .transaction(() => {
        const lock = read.get();
        if (lock === undefined) {
          const { salt, key, check } = newLock(masterKey);
          database.prepare('INSERT INTO gallery (salt, key_check, revision) VALUES (?, ?, 0)').run(salt, check);
          return new Vault(key, check, read);
        }
        if (!Buffer.isBuffer(lock.salt)) throw corruptFile(database.name, 'its keys are lost');
        const key = derive(masterKey, lock.salt);
        if (!(lock.key_check instanceof Uint8Array) || unseal(key, lock.key_check, CHECK_CONTEXT) === undefined)
          throw new GalleryError(
            'gallery.wrong-key',
            `the master key is not the one that locked ${database.name}; bring the right key back from a copy`,
          );
        return new Vault(key, lock.key_check, read);
      })
      .immediate();
  }

  /**
   * Locks the gallery with another master key. A part of a transaction, which must seal everything anew by what this
   * returns.
   *
   * @throws GalleryError `gallery.key-invalid`
   */
  static relock(database: Database, masterKey: Uint8Array): Vault {
    const { salt, key, check } = newLock(masterKey);
    database.prepare('UPDATE gallery SET salt = ?, key_check = ?').run(salt, check);
    return new Vault(key, check, database.prepare<[], Lock>('SELECT salt, key_check FROM gallery'));
  }

  /**
   * Whoever sealed anything by a key that another process has changed meanwhile would lose it.
   *
   * @throws GalleryError `gallery.key-changed`
   */
  requireLock(): void {
    const check = this.#lock.get()?.key_check;
    if (check instanceof Uint8Array && Buffer.compare(check, this.#check) === 0) return;
    throw new GalleryError('gallery.key-changed', 'the gallery’s key was changed meanwhile; open it again');
  }

  /** A new key for a person's records, and how it is stored. */
  makeKey(person: string): { key: Buffer; wrapped: Buffer } {
    const key = randomBytes(KEY_BYTES);
    return { key, wrapped: seal(this.#key, key, keyContext(person)) };
  }

  /** A person's key, or undefined where what was stored is damaged. */
  unwrapKey(person: string, wrapped: unknown): Buffer | undefined {
    return unseal(this.#key, wrapped, keyContext(person));
  }

  /** Seals what belongs to the gallery and to nobody in it. */
  seal(plain: Uint8Array, context: string): Buffer {
    return seal(this.#key, plain, context);
  }

  unseal(sealed: unknown, context: string): Buffer | undefined {
    return unseal(this.#key, sealed, context);
  }

  close(): void {
    this.#key.fill(0);
  }
}

function newLock(masterKey: Uint8Array): { salt: Buffer; key: Uint8Array; check: Buffer } {
  const salt = randomBytes(SALT_BYTES);
  const key = derive(masterKey, salt);
  return { salt, key, check: seal(key, Buffer.alloc(0), CHECK_CONTEXT) };
}

function derive(masterKey: Uint8Array, salt: Uint8Array): Uint8Array {
  if (masterKey.length !== KEY_BYTES)
    throw new GalleryError(
      'gallery.key-invalid',
      `the master key must have ${KEY_BYTES} bytes, not ${masterKey.length}`,
    );
  return new Uint8Array(hkdfSync('sha256', masterKey, salt, PURPOSE, KEY_BYTES));
}
