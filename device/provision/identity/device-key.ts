import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory } from '../../durable-file.ts';
import { SecretsError } from '../../secrets/errors.ts';
import type { Keeper, KeeperChoice, KeptSecret } from '../../secrets/keeper.ts';
import { keeperOfFile, makeSecret, readSecret, replaceSecret } from '../../secrets/secret-file.ts';
import { IdentityError } from './errors.ts';

const WHAT = 'device key';

/** Files of who a board is, in its state directory. */
export interface IdentityFiles {
  readonly directory: string;
  readonly key: string;
  readonly certificate: string;
  /** Of the authority that signed it. */
  readonly authority: string;
  /** Where it was claimed and is renewed. */
  readonly service: string;
}

export function identityFiles(state: string): IdentityFiles {
  const at = (name: string): string => join(state, 'identity', name);
  return {
    directory: join(state, 'identity'),
    key: at('device.key'),
    certificate: at('device.crt'),
    authority: at('ca.crt'),
    service: at('service.json'),
  };
}

/**
 * Makes the key pair that a board proves its name with: P-256, which every broker's TLS takes.
 *
 * The private key is sealed by the keeper and is in this program's memory while it signs and while it speaks TLS: Node's
 * TLS cannot sign inside of a TPM.
 *
 * @returns undefined where the board has one already
 * @throws SecretsError
 */
export function makeDeviceKey(state: string, choice: KeeperChoice): KeptSecret | undefined {
  const { directory, key } = identityFiles(state);
  makeDirectory(directory);
  return makeSecret(key, WHAT, newKey, choice);
}

/** Whether the board has a key pair. */
export function hasDeviceKey(state: string): boolean {
  return existsSync(identityFiles(state).key);
}

/** @throws IdentityError `identity.none`, `identity.bad-key`; SecretsError */
export function readDeviceKey(state: string): KeyObject {
  const { key } = identityFiles(state);
  let pem: Buffer;
  try {
    ({ secret: pem } = readSecret(key, WHAT));
  } catch (cause) {
    if (cause instanceof SecretsError && cause.code === 'secrets.missing')
      throw new IdentityError('identity.none', 'this board has no key yet: whorl identity create', { cause });
    throw cause;
  }
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new IdentityError(
      'identity.bad-key',
      `${key} holds no private key; move it away, make another by whorl identity create and claim a certificate for it`,
      { cause },
    );
  } finally {
    pem.fill(0);
  }
}

/** Gives the key, as it is, to another keeper. Throws as `readDeviceKey`. */
export function moveDeviceKey(state: string, choice: KeeperChoice): KeptSecret {
  const { key } = identityFiles(state);
  const { secret } = readSecret(key, WHAT);
  try {
    return replaceSecret(key, WHAT, secret, choice);
  } finally {
    secret.fill(0);
  }
}

/** @throws SecretsError */
export function deviceKeyKeeper(state: string): Keeper {
  return keeperOfFile(identityFiles(state).key, WHAT);
}

/** SHA-256 of the public key's SPKI in hexadecimal: what people compare. */
export function fingerprintOf(key: KeyObject): string {
  const spki = (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex');
}

function newKey(): Buffer {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' }));
}
