import { createPublicKey, type KeyObject, randomBytes, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { KEY_BYTES, seal, unseal } from '../../secrets/seal.ts';
import { fingerprintOf } from '../identity/device-key.ts';
import { BackupError } from './errors.ts';
import { type Opener, type Recipient, unwrapKey, wrapKey, wrappingSchema } from './recipient.ts';

const MARK = /^WHORL-BACKUP-(\d{1,6})\n/;
/** Layout of the file; a newer one is refused. */
const VERSION = 1;
const LONGEST_HEADER = 64 * 1024;
/** Bytes of a raw ECDSA signature over P-256. */
const SIGNATURE_BYTES = 64;
const SIGNING = { dsaEncoding: 'ieee-p1363' } as const;

const headerSchema = z.strictObject({
  device: z.string(),
  createdAt: z.iso.datetime(),
  software: z.string(),
  wrapping: wrappingSchema,
  /** SPKI of the device's public key, base64. */
  signer: z.base64(),
});

/** What a backup says of itself before it is opened. Its signature holds. */
export interface BackupHeader {
  readonly device: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly software: string;
  readonly kind: 'scrypt' | 'x25519';
  /** See `fingerprintOf`. */
  readonly signer: string;
}

export interface BackupOrigin {
  readonly device: string;
  readonly createdAt: string;
  readonly software: string;
  /** The device's private key. */
  readonly key: KeyObject;
}

/**
 * One file: the line `WHORL-BACKUP-1`, a line of JSON in the clear (whose, when, how its key is wrapped, who signed), the
 * content sealed by AES-256-GCM, and the device's ECDSA signature over all of it.
 *
 * @param content given the key of this backup as text, for what it seals by itself
 * @throws BackupError `backup.weak-passphrase`, `backup.bad-recipient`
 */
export function packBackup(origin: BackupOrigin, recipient: Recipient, content: (key: string) => Buffer): Buffer {
  const key = randomBytes(KEY_BYTES);
  const { device, createdAt, software } = origin;
  const header: z.input<typeof headerSchema> = {
    device,
    createdAt,
    software,
    wrapping: wrapKey(key, recipient),
    signer: createPublicKey(origin.key).export({ type: 'spki', format: 'der' }).toString('base64'),
  };
  const head = Buffer.from(`WHORL-BACKUP-${VERSION}\n${JSON.stringify(header)}\n`);
  const signed = Buffer.concat([head, seal(key, content(key.toString('base64')), head.toString())]);
  key.fill(0);
  return Buffer.concat([signed, sign('sha256', signed, { key: origin.key, ...SIGNING })]);
}

/**
 * Checks the signature; nothing is opened. The signature says that nobody changed the file after `signer` made it, not
 * that `signer` is to be trusted.
 *
 * @throws BackupError `backup.malformed`, `backup.newer-version`, `backup.bad-signature`
 */
export function checkBackup(bytes: Buffer): BackupHeader {
  return headerOf(split(bytes).header);
}

/**
 * @returns what `content` gave `packBackup`, and the key of this backup as text
 * @throws BackupError as `checkBackup`, and `backup.locked`
 */
export function unpackBackup(
  bytes: Buffer,
  opener: Opener,
): { readonly header: BackupHeader; readonly content: Buffer; readonly key: string } {
  const { header, head, sealed } = split(bytes);
  const key = unwrapKey(header.wrapping, opener);
  const content = unseal(key, sealed, head.toString());
  if (!content) throw new BackupError('backup.malformed', 'the backup is damaged: its content is not what was sealed');
  return { header: headerOf(header), content, key: key.toString('base64') };
}

function split(bytes: Buffer): { header: z.output<typeof headerSchema>; head: Buffer; sealed: Buffer } {
  const mark = MARK.exec(bytes.toString('latin1', 0, 32));
  if (!mark) throw malformed('it does not begin as one');
  const version = Number(mark[1]);
  if (version > VERSION)
    throw new BackupError(
      'backup.newer-version',
      `the backup was written by a newer Whorl (version ${version}, this one knows ${VERSION}); update Whorl`,
    );
  const start = mark[0].length;
  const end = bytes.subarray(0, start + LONGEST_HEADER).indexOf('\n', start);
  if (version !== VERSION || end < 0 || bytes.length < end + 1 + SIGNATURE_BYTES) throw malformed('it is cut off');
  let header: z.output<typeof headerSchema>;
  let signer: KeyObject;
  try {
    header = headerSchema.parse(JSON.parse(bytes.toString('utf8', start, end)));
    signer = createPublicKey({ key: Buffer.from(header.signer, 'base64'), format: 'der', type: 'spki' });
  } catch (cause) {
    throw malformed('its header cannot be read', cause);
  }
  const signed = bytes.subarray(0, bytes.length - SIGNATURE_BYTES);
  const signature = bytes.subarray(bytes.length - SIGNATURE_BYTES);
  if (signer.asymmetricKeyType !== 'ec' || !verify('sha256', signed, { key: signer, ...SIGNING }, signature))
    throw new BackupError(
      'backup.bad-signature',
      'the backup is cut off, damaged or was changed: its signature does not hold; take another copy',
    );
  return { header, head: bytes.subarray(0, end + 1), sealed: signed.subarray(end + 1) };
}

function headerOf({ device, createdAt, software, wrapping, signer }: z.output<typeof headerSchema>): BackupHeader {
  const key = createPublicKey({ key: Buffer.from(signer, 'base64'), format: 'der', type: 'spki' });
  return { device, createdAt, software, kind: wrapping.kind, signer: fingerprintOf(key) };
}

function malformed(why: string, cause?: unknown): BackupError {
  return new BackupError('backup.malformed', `this is not a whole backup of a Whorl board: ${why}`, { cause });
}
