import { hkdfSync, randomBytes } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { GalleryError } from './errors.ts';
import { corruptFile } from './store.ts';
import { KEY_BYTES, seal, unseal } from './seal.ts';

const SALT_BYTES = 32;
const PURPOSE = 'whorl gallery 1: key of keys';
const CHECK_CONTEXT = 'whorl gallery 1: key check';
const keyContext = (person: string): string => `whorl gallery 1: key of person ${person}`;

/** Holds the key of keys: derived from the master key for this gallery alone, it seals each person's own key. */
export class Vault {
  readonly #key: Uint8Array;

  /**
   * Opens the gallery's keys by the master key, or locks a new gallery with it.
   *
   * @throws GalleryError `gallery.wrong-key`, `gallery.key-invalid`
   */
  constructor(database: Database, masterKey: Uint8Array) {
    if (masterKey.length !== KEY_BYTES)
      throw new GalleryError(
        'gallery.key-invalid',
        `the master key must have ${KEY_BYTES} bytes, not ${masterKey.length}`,
      );
    const read = database.prepare<[], { salt: unknown; key_check: unknown }>('SELECT salt, key_check FROM gallery');
    const write = database.prepare<[Buffer, Buffer]>(
      'INSERT INTO gallery (salt, key_check, revision) VALUES (?, ?, 0)',
    );
    this.#key = database
      .transaction(() => {
        const lock = read.get();
        const salt = lock ? lock.salt : randomBytes(SALT_BYTES);
        if (!Buffer.isBuffer(salt)) throw corruptFile(database.name, 'its keys are lost');
        const key = new Uint8Array(hkdfSync('sha256', masterKey, salt, PURPOSE, KEY_BYTES));
        if (lock === undefined) write.run(salt, seal(key, Buffer.alloc(0), CHECK_CONTEXT));
        else if (unseal(key, lock.key_check, CHECK_CONTEXT) === undefined)
          throw new GalleryError(
            'gallery.wrong-key',
            `the master key is not the one that locked ${database.name}; bring the right key back from a copy`,
          );
        return key;
      })
      .immediate();
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
