import {
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
  scryptSync,
} from 'node:crypto';
import { z } from 'zod';
import { KEY_BYTES, seal, unseal } from '../../secrets/seal.ts';
import { BackupError } from './errors.ts';

/** Whoever can open a backup: somebody who knows the recovery passphrase, or who holds the private X25519 key. */
export type Recipient = { readonly passphrase: string } | { readonly publicKey: KeyObject };
export type Opener = { readonly passphrase: string } | { readonly privateKey: KeyObject };

const SALT_BYTES = 16;
/** 128 MiB and about half a second a guess (the least OWASP's password storage sheet asks of scrypt). */
const COST = { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 };
const SHORTEST_PASSPHRASE = 12;
const CONTEXT = 'whorl backup 1: key';

const base64 = z.base64();
/** How the key of a backup is wrapped. */
export const wrappingSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('scrypt'), salt: base64, wrapped: base64 }),
  z.strictObject({ kind: z.literal('x25519'), ephemeral: base64, recipient: base64, wrapped: base64 }),
]);
export type Wrapping = z.output<typeof wrappingSchema>;

/** @throws BackupError `backup.weak-passphrase`, `backup.bad-recipient` */
export function wrapKey(key: Uint8Array, recipient: Recipient): Wrapping {
  if ('passphrase' in recipient) {
    if (recipient.passphrase.length < SHORTEST_PASSPHRASE)
      throw new BackupError(
        'backup.weak-passphrase',
        `the passphrase must have at least ${SHORTEST_PASSPHRASE} characters: fingerprints cannot be changed if it is guessed`,
      );
    const salt = randomBytes(SALT_BYTES);
    const wrapped = seal(stretch(recipient.passphrase, salt), key, CONTEXT);
    return { kind: 'scrypt', salt: salt.toString('base64'), wrapped: wrapped.toString('base64') };
  }
  requireX25519(recipient.publicKey);
  const ephemeral = generateKeyPairSync('x25519');
  const [mine, theirs] = [spkiOf(ephemeral.publicKey), spkiOf(recipient.publicKey)];
  const shared = agree(ephemeral.privateKey, recipient.publicKey, mine, theirs);
  return {
    kind: 'x25519',
    ephemeral: mine.toString('base64'),
    recipient: theirs.toString('base64'),
    wrapped: seal(shared, key, CONTEXT).toString('base64'),
  };
}

/** @throws BackupError `backup.locked`, `backup.bad-recipient` */
export function unwrapKey(wrapping: Wrapping, opener: Opener): Buffer {
  const wrapped = Buffer.from(wrapping.wrapped, 'base64');
  const key = 'passphrase' in opener ? byPassphrase(wrapping, opener.passphrase) : byKey(wrapping, opener.privateKey);
  const opened = unseal(key, wrapped, CONTEXT);
  if (opened?.length === KEY_BYTES) return opened;
  throw new BackupError(
    'backup.locked',
    wrapping.kind === 'scrypt' ? 'the passphrase is not the right one' : 'this key is not the one it was made for',
  );
}

function byPassphrase(wrapping: Wrapping, passphrase: string): Buffer {
  if (wrapping.kind !== 'scrypt')
    throw new BackupError('backup.locked', 'this backup was made for a key: give it by --key-file');
  return stretch(passphrase, Buffer.from(wrapping.salt, 'base64'));
}

function byKey(wrapping: Wrapping, privateKey: KeyObject): Buffer {
  if (wrapping.kind !== 'x25519')
    throw new BackupError('backup.locked', 'this backup is under a passphrase: give it by --passphrase-file');
  requireX25519(privateKey);
  const [ephemeral, recipient] = [wrapping.ephemeral, wrapping.recipient].map((text) => Buffer.from(text, 'base64'));
  let theirs: KeyObject;
  try {
    theirs = createPublicKey({ key: ephemeral, format: 'der', type: 'spki' });
    requireX25519(theirs);
    return agree(privateKey, theirs, ephemeral, recipient);
  } catch (cause) {
    throw new BackupError('backup.locked', 'this key is not the one it was made for', { cause });
  }
}

function agree(own: KeyObject, other: KeyObject, ephemeral: Buffer, recipient: Buffer): Buffer {
  const shared = diffieHellman({ privateKey: own, publicKey: other });
  return Buffer.from(hkdfSync('sha256', shared, Buffer.concat([ephemeral, recipient]), CONTEXT, KEY_BYTES));
}

function stretch(passphrase: string, salt: Uint8Array): Buffer {
  return scryptSync(passphrase.normalize('NFC'), salt, KEY_BYTES, COST);
}

function spkiOf(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

function requireX25519({ asymmetricKeyType }: KeyObject): void {
  if (asymmetricKeyType !== 'x25519')
    throw new BackupError(
      'backup.bad-recipient',
      'the key must be an X25519 key in PEM: openssl genpkey -algorithm X25519',
    );
}
