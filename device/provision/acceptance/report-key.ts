import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProvisionError } from '../errors.ts';
import type { ReportKey } from './report.ts';

/** In the state directory, for its owner alone. */
const KEY_FILE = 'report.key';

/**
 * The key that signs this board's reports, made when it is first needed.
 *
 * @throws ProvisionError `provision.bad-key`
 */
export function openReportKey(state: string): ReportKey {
  const path = join(state, KEY_FILE);
  const pem = readIfThere(path) ?? make(path);
  try {
    const key = createPrivateKey(pem);
    const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
    return {
      publicKey: spki.toString('base64'),
      sign: (bytes) => Promise.resolve(sign(null, bytes, key)),
    };
  } catch (cause) {
    throw new ProvisionError('provision.bad-key', `${path} holds no key: restore it, or remove it for a new one`, {
      cause,
    });
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function make(path: string): string {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  writeFileSync(path, pem, { mode: 0o600, flag: 'wx', flush: true });
  return pem;
}
