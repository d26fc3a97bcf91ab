import { request } from 'node:https';
import { z } from 'zod';
import { IdentityError } from './errors.ts';

/** A service that answers nothing for so long is taken for dead. */
const PATIENCE_MS = 15_000;
/** A certificate with those above it is a few kilobytes. */
const LONGEST_ANSWER = 64 * 1024;

const answerSchema = z.looseObject({ certificate: z.string().min(1) });
const refusalSchema = z.looseObject({ error: z.looseObject({ code: z.string(), message: z.string() }) });

const REFUSALS: Readonly<Record<string, { code: ConstructorParameters<typeof IdentityError>[0]; words: string }>> = {
  'wrong-code': { code: 'identity.wrong-code', words: 'the code is not one that the service knows; check it' },
  'used-code': { code: 'identity.used-code', words: 'another board has used the code; ask for a new one' },
  'expired-code': { code: 'identity.expired-code', words: 'the code has expired; ask for a new one' },
};

/** How a claim service is reached, and by whom it is known. */
export interface ClaimService {
  /** https */
  readonly url: string;
  /** PEM; only a service whose certificate this authority signed is spoken to. */
  readonly authority: string;
}

/** A board that has a certificate shows it. */
export interface ClientCertificate {
  readonly certificate: string;
  readonly key: string | Buffer;
}

/**
 * Asks the service for something, by JSON over TLS 1.3.
 *
 * @returns certificates, PEM, the device's first
 * @throws IdentityError `identity.bad-address`, `identity.untrusted-service`, `identity.service-failed`,
 *   `identity.wrong-code`, `identity.used-code`, `identity.expired-code`, `identity.refused`
 */
export async function askClaimService(
  { url, authority }: ClaimService,
  what: 'claim' | 'renew',
  body: Readonly<Record<string, string>>,
  client?: ClientCertificate,
  patienceMs = PATIENCE_MS,
): Promise<string> {
  const { status, text } = await post(addressOf(url, what), JSON.stringify(body), authority, client, patienceMs);
  const json = parse(text);
  const answer = answerSchema.safeParse(json);
  if (status === 200 && answer.success) return answer.data.certificate;
  const refusal = refusalSchema.safeParse(json);
  if (!refusal.success) throw failed(`it answered ${status} and nothing that this Whorl understands`);
  const { code, message } = refusal.data.error;
  if (Object.hasOwn(REFUSALS, code)) throw new IdentityError(REFUSALS[code].code, REFUSALS[code].words);
  throw new IdentityError(
    'identity.refused',
    `the claim service refuses: ${message.slice(0, 200)} (${code.slice(0, 40)})`,
  );
}

function addressOf(url: string, what: string): URL {
  const base = URL.canParse(url) ? new URL(url) : undefined;
  if (base?.protocol !== 'https:')
    throw new IdentityError('identity.bad-address', `the claim service’s address must be https://…, not ${url}`);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return new URL(what, base);
}

function post(
  url: URL,
  body: string,
  authority: string,
  client: ClientCertificate | undefined,
  patienceMs: number,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      reject(isUntrusted(error) ? untrusted(url, error) : failed(error.message, error));
    };
    const asking = request(
      url,
      {
        method: 'POST',
        agent: false,
        ca: authority,
        minVersion: 'TLSv1.3',
        ...(client && { cert: client.certificate, key: client.key }),
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        signal: AbortSignal.timeout(patienceMs),
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (piece: string) => {
          text += piece;
          if (text.length > LONGEST_ANSWER) asking.destroy(new Error('its answer is too long'));
        });
        answer.once('error', fail);
        answer.once('end', () => {
          if (answer.complete) resolve({ status: answer.statusCode ?? 0, text });
          else fail(new Error('its answer was cut off'));
        });
      },
    );
    asking.once('error', fail);
    asking.end(body);
  });
}

function isUntrusted(error: Error): boolean {
  const code = 'code' in error ? String(error.code) : '';
  return /^(ERR_TLS_CERT|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|INVALID_CA)/.test(code);
}

function untrusted({ host }: URL, cause: Error): IdentityError {
  return new IdentityError(
    'identity.untrusted-service',
    `${host} is not the service of the given authority (${cause.message}); nothing was told to it. Check the address, the authority’s file and the clock`,
    { cause },
  );
}

function failed(why: string, cause?: Error): IdentityError {
  return new IdentityError(
    'identity.service-failed',
    `the claim service did not do it (${why}); nothing was changed here, and the same code may be tried again`,
    { cause },
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
