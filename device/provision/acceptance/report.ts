import { createHash, createPublicKey, randomUUID, verify } from 'node:crypto';
import { z } from 'zod';
import { ProvisionError } from '../errors.ts';
import { stepResultSchema, type StepState } from '../provisioning.ts';

/** What was found at a door when it was handed over, signed by its board. It names the technician, and nobody else. */
const contentSchema = z.strictObject({
  version: z.literal(1),
  id: z.uuid(),
  device: z.string(),
  /** Version of Whorl. */
  software: z.string(),
  /** What the operating system calls the board. */
  host: z.string(),
  /** RFC 3339. */
  at: z.string(),
  operator: z.string(),
  steps: z.array(z.strictObject({ id: z.string(), title: z.string(), ...stepResultSchema.shape })),
  /** SPKI, base64. */
  publicKey: z.string(),
});
const reportSchema = z.strictObject({
  ...contentSchema.shape,
  /** Of the canonical JSON (RFC 8785) of everything else, base64url. */
  signature: z.string(),
});
export type AcceptanceReport = z.infer<typeof reportSchema>;

/** A key that stays on the board. */
export interface ReportKey {
  /** SPKI, base64. */
  readonly publicKey: string;
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** Whoever signs, and what. */
export interface Acceptance {
  readonly device: string;
  readonly software: string;
  readonly host: string;
  readonly operator: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly steps: readonly StepState[];
}

/** @throws ProvisionError `provision.not-ready` while a step was not done, or needs work */
export async function signReport(acceptance: Acceptance, key: ReportKey): Promise<AcceptanceReport> {
  const { device, software, host, operator, now, steps } = acceptance;
  const open = steps.filter(({ result }) => result === undefined || result.verdict === 'failed');
  if (open.length > 0) {
    const titles = open.map(({ title }) => title).join(', ');
    throw new ProvisionError('provision.not-ready', `before a report is signed, do these steps: ${titles}`);
  }
  const content: z.infer<typeof contentSchema> = {
    ...{ version: 1, id: randomUUID(), device, software, host, at: new Date(now).toISOString(), operator },
    steps: steps.flatMap(({ id, title, result }) => (result === undefined ? [] : [{ id, title, ...result }])),
    publicKey: key.publicKey,
  };
  const signature = Buffer.from(await key.sign(bytesOf(content))).toString('base64url');
  return { ...content, signature };
}

/**
 * A report that is as its board signed it. Whose board that was the key's id tells.
 *
 * @throws ProvisionError `provision.bad-report`, `provision.bad-signature`
 */
export function readReport(text: string): AcceptanceReport {
  let report: AcceptanceReport;
  try {
    report = reportSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new ProvisionError('provision.bad-report', 'this is no acceptance report, or not a whole one', { cause });
  }
  const { signature, ...content } = report;
  if (!isSigned(bytesOf(content), report.publicKey, signature))
    throw new ProvisionError(
      'provision.bad-signature',
      'this report was changed after it was signed: trust nothing in it',
    );
  return report;
}

/** SHA-256 of a public key in hexadecimal, as `whorl identity` shows it: what people compare. */
export function keyIdOf(publicKey: string): string {
  return createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex');
}

function isSigned(bytes: Uint8Array, publicKey: string, signature: string): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
    const digest = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
    return verify(digest, bytes, key, Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
}

function bytesOf(content: z.infer<typeof contentSchema>): Uint8Array {
  return Buffer.from(canonical(content));
}

/** RFC 8785, for what a report is made of: text, small whole numbers, lists and objects. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  // By UTF-16 code units, as JavaScript sorts text.
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}
