import { type KeyObject, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { replaceFile } from '../../durable-file.ts';
import { identityFiles } from './device-key.ts';
import { IdentityError } from './errors.ts';

/** A board's certificate as it lies in its state directory. */
export interface DeviceCertificate {
  readonly name: string;
  readonly issuer: string;
  /** Milliseconds since 1970. */
  readonly validFrom: number;
  readonly validUntil: number;
  /** When it should be renewed: two thirds of its life, and up to a twentieth earlier, so that no fleet comes at once. */
  readonly renewAt: number;
}

const RENEW_AFTER = 2 / 3;
const JITTER = 1 / 20;
/** The authority's clock may be this far ahead of ours. */
const SKEW_MS = 5 * 60_000;

/** Undefined before the board has claimed one. @throws IdentityError `identity.bad-certificate` */
export function readCertificate(state: string): DeviceCertificate | undefined {
  const { certificate } = identityFiles(state);
  if (!existsSync(certificate)) return undefined;
  return describe(parse(readFileSync(certificate, 'utf8'), 'identity.bad-certificate', certificate));
}

/**
 * Keeps a certificate if it is for this key and name, of this authority, and valid now; else the one before stays.
 *
 * @param pem one or more certificates, the device's first
 * @param authority PEM
 * @throws IdentityError `identity.bad-certificate`, `identity.bad-authority`
 */
export function keepCertificate(
  state: string,
  pem: string,
  { authority, key, device, now }: { authority: string; key: KeyObject; device: string; now: number },
): DeviceCertificate {
  const certificate = parse(pem, 'identity.bad-certificate', 'what the service sent');
  const ca = readAuthority(authority);
  const described = describe(certificate);
  const wrong = [
    certificate.checkPrivateKey(key) ? undefined : 'it is for another key',
    described.name === device ? undefined : `it is for ${described.name}, not for ${device}`,
    certificate.checkIssued(ca) && certificate.verify(ca.publicKey) ? undefined : 'another authority signed it',
    described.validFrom <= now + SKEW_MS ? undefined : 'it is not valid yet: check the clock of this board',
    described.validUntil > now ? undefined : 'it has run out: check the clock of this board',
  ].find((reason) => reason !== undefined);
  if (wrong !== undefined)
    throw new IdentityError('identity.bad-certificate', `the certificate that was issued is refused: ${wrong}`);
  const files = identityFiles(state);
  replaceFile(files.authority, authority);
  replaceFile(files.certificate, pem);
  return described;
}

/** @throws IdentityError `identity.bad-authority` */
export function readAuthority(pem: string): X509Certificate {
  const authority = parse(pem, 'identity.bad-authority', 'the authority’s file');
  if (authority.ca) return authority;
  throw new IdentityError('identity.bad-authority', 'the authority’s certificate is none that may sign others');
}

function parse(
  pem: string,
  code: 'identity.bad-certificate' | 'identity.bad-authority',
  what: string,
): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new IdentityError(code, `${what} is not a certificate in PEM`, { cause });
  }
}

function describe({ subject, issuer, validFrom, validTo, serialNumber }: X509Certificate): DeviceCertificate {
  const [from, until] = [Date.parse(validFrom), Date.parse(validTo)];
  // Of the serial number, so that it stays the same until the certificate is another one.
  const jitter = (Number.parseInt(serialNumber.slice(-4), 16) || 0) / 0xffff;
  return {
    name: /^CN=(.*)$/m.exec(subject)?.[1] ?? '',
    issuer: /^CN=(.*)$/m.exec(issuer)?.[1] ?? issuer.replaceAll('\n', ', '),
    validFrom: from,
    validUntil: until,
    renewAt: from + (until - from) * (RENEW_AFTER - jitter * JITTER),
  };
}
