import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { SecretsError } from './errors.ts';
import { KEY_BYTES, seal, unseal } from './seal.ts';
import { decryptCredential, encryptCredential, hasSystemdCreds } from './systemd-creds.ts';
import { forgetInTpm, hasTpm, keepInTpm, readFromTpm, TPM_DEVICE, tpmPlaceSchema } from './tpm2.ts';

/** What keeps a secret from whoever has the disk alone; a plain file does not. The better ones first. */
export const KEEPERS = ['tpm2', 'systemd-creds', 'file'] as const;
export type Keeper = (typeof KEEPERS)[number];

/** Which keeper is wanted: `auto` takes the best that works here. */
export interface KeeperChoice {
  readonly keeper: Keeper | 'auto';
  /** How the TPM is reached, where not by the kernel's device. */
  readonly tcti?: string;
}

/** A secret as a file holds it, and why no better keeper was taken. */
export interface KeptSecret {
  readonly keeper: Keeper;
  readonly content: Buffer;
  readonly passedOver: readonly string[];
}

/** What keeping a secret means, in words for people. */
export const KEEPER_WORDS: Readonly<Record<Keeper, string>> = {
  tpm2: 'in this board’s TPM: worth nothing without this very board',
  'systemd-creds': 'encrypted by systemd’s key of this computer',
  file: 'in a plain file: whoever can read this disk as root has it',
};

const MARK = 'WHORL-KEPT-1\n';
const keptSchema = z.discriminatedUnion('keeper', [
  z.strictObject({ keeper: z.literal('tpm2'), place: tpmPlaceSchema, sealed: z.base64() }),
  z.strictObject({ keeper: z.literal('systemd-creds'), name: z.string().min(1), encrypted: z.string().min(1) }),
]);
type Kept = z.output<typeof keptSchema>;

/**
 * Gives a secret to a keeper.
 *
 * @param name under which systemd knows it
 * @throws SecretsError `secrets.tpm-failed`, `secrets.systemd-creds-failed` of a keeper that was asked for by name
 */
export function keep(secret: Uint8Array, name: string, { keeper, tcti }: KeeperChoice): KeptSecret {
  const passedOver: string[] = [];
  for (const candidate of keeper === 'auto' ? KEEPERS : [keeper]) {
    const missing = keeper === 'auto' ? whyNot(candidate, tcti) : undefined;
    if (missing !== undefined) {
      passedOver.push(missing);
      continue;
    }
    try {
      return { keeper: candidate, content: contentOf(candidate, secret, name, tcti), passedOver };
    } catch (error) {
      if (keeper !== 'auto' || !(error instanceof SecretsError)) throw error;
      passedOver.push(error.message);
    }
  }
  throw new Error('a file keeps everything');
}

/** @throws SecretsError `secrets.malformed`, `secrets.tpm-failed`, `secrets.systemd-creds-failed` */
export function give(content: Buffer): { readonly keeper: Keeper; readonly secret: Buffer } {
  const kept = parse(content);
  switch (kept?.keeper) {
    case undefined:
      return { keeper: 'file', secret: content };
    case 'tpm2':
      return { keeper: 'tpm2', secret: unsealed(kept) };
    case 'systemd-creds':
      return { keeper: 'systemd-creds', secret: decryptCredential(kept.name, kept.encrypted) };
  }
}

/** Who keeps it; nobody is asked for it. @throws SecretsError `secrets.malformed` */
export function keeperOf(content: Buffer): Keeper {
  return parse(content)?.keeper ?? 'file';
}

/** Makes its keeper forget it, where the keeper holds it itself. @returns whether that is so now */
export function forget(content: Buffer): boolean {
  const kept = parse(content);
  if (kept?.keeper !== 'tpm2') return false;
  forgetInTpm(kept.place);
  return true;
}

function whyNot(keeper: Keeper, tcti: string | undefined): string | undefined {
  if (keeper === 'tpm2' && !hasTpm(tcti)) return `there is no TPM (${TPM_DEVICE})`;
  if (keeper === 'systemd-creds' && !hasSystemdCreds()) return 'systemd does not run here, or we are not root';
  return undefined;
}

function contentOf(keeper: Keeper, secret: Uint8Array, name: string, tcti: string | undefined): Buffer {
  switch (keeper) {
    case 'tpm2':
      return sealedByTpm(secret, tcti);
    case 'systemd-creds':
      return written({ keeper, name, encrypted: encryptCredential(name, secret) });
    case 'file':
      return Buffer.from(secret);
  }
}

function sealedByTpm(secret: Uint8Array, tcti: string | undefined): Buffer {
  const key = randomBytes(KEY_BYTES);
  try {
    const sealed = seal(key, secret, MARK).toString('base64');
    return written({ keeper: 'tpm2', place: keepInTpm(key, tcti), sealed });
  } finally {
    key.fill(0);
  }
}

function unsealed({ place, sealed }: Extract<Kept, { keeper: 'tpm2' }>): Buffer {
  const key = readFromTpm(place);
  const secret = key.length === KEY_BYTES ? unseal(key, Buffer.from(sealed, 'base64'), MARK) : undefined;
  key.fill(0);
  if (secret) return secret;
  throw new SecretsError('secrets.tpm-failed', 'what the TPM gave does not open the secret; bring it back from a copy');
}

function written(kept: Kept): Buffer {
  return Buffer.from(`${MARK}${JSON.stringify(kept)}\n`);
}

/** Undefined for plain bytes: these are what stood here before there were keepers. */
function parse(content: Buffer): Kept | undefined {
  if (!content.subarray(0, MARK.length).equals(Buffer.from(MARK))) return undefined;
  try {
    return keptSchema.parse(JSON.parse(content.toString('utf8', MARK.length)));
  } catch (cause) {
    throw new SecretsError(
      'secrets.malformed',
      'a file does not say where its secret is kept; bring it back from a copy',
      {
        cause,
      },
    );
  }
}
