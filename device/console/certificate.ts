import 'reflect-metadata';
import { createHash, webcrypto, X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { ConsoleError } from './errors.ts';

/** In the state directory. */
const DIRECTORY = 'console';
const KEY_FILE = 'page.key';
const CERTIFICATE_FILE = 'page.crt';
/** What browsers bear of a certificate's life, days. */
const LIFE_DAYS = 397;
const DAY_MS = 24 * 3_600_000;
/** A board without a clock must not make a certificate that begins tomorrow. */
const SLACK_DAYS = 1;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** The key pair that the page is served with. */
export interface PageCertificate {
  readonly key: string;
  readonly certificate: string;
  /** SHA-256, as browsers show it: what a careful technician compares. */
  readonly fingerprint: string;
}

/**
 * The page's own certificate, self-signed, made at the first start and anew when it has run out. Nobody vouches for a
 * boxed board: whoever wants to know compares the fingerprint with the board's screen.
 *
 * @throws ConsoleError `console.bad-certificate`
 */
export async function pageCertificate(state: string, device: string, now: number): Promise<PageCertificate> {
  const directory = join(state, DIRECTORY);
  const [keyPath, certificatePath] = [join(directory, KEY_FILE), join(directory, CERTIFICATE_FILE)];
  const kept = read(keyPath, certificatePath);
  if (kept !== undefined && now < Date.parse(new X509Certificate(kept.certificate).validTo)) return kept;
  const made = await make(device, now);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(keyPath, made.key, { mode: 0o600, flush: true });
  chmodSync(keyPath, 0o600);
  writeFileSync(certificatePath, made.certificate, { mode: 0o644, flush: true });
  return made;
}

function read(keyPath: string, certificatePath: string): PageCertificate | undefined {
  let files: { key: string; certificate: string };
  try {
    files = { key: readFileSync(keyPath, 'utf8'), certificate: readFileSync(certificatePath, 'utf8') };
  } catch {
    return undefined;
  }
  try {
    return { ...files, fingerprint: new X509Certificate(files.certificate).fingerprint256 };
  } catch (cause) {
    throw new ConsoleError(
      'console.bad-certificate',
      `the page’s certificate ${certificatePath} cannot be read: remove it and ${keyPath}, and both are made anew`,
      { cause },
    );
  }
}

async function make(device: string, now: number): Promise<PageCertificate> {
  const { subtle } = webcrypto;
  x509.cryptoProvider.set(webcrypto);
  const keys = await subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: createHash('sha256').update(`${device} ${now} ${process.pid}`).digest('hex').slice(0, 16),
    name: `CN=Whorl ${device}`,
    notBefore: new Date(now - SLACK_DAYS * DAY_MS),
    notAfter: new Date(now + LIFE_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys: keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(namesOfThisBoard()),
    ],
  });
  const key = Buffer.from(await subtle.exportKey('pkcs8', keys.privateKey));
  const pem = certificate.toString('pem');
  return {
    key: x509.PemConverter.encode(key, 'PRIVATE KEY'),
    certificate: pem,
    fingerprint: new X509Certificate(pem).fingerprint256,
  };
}

function namesOfThisBoard(): { type: 'dns' | 'ip'; value: string }[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .map(({ address }) => address.split('%')[0]);
  return [
    ...[...new Set([hostname(), `${hostname()}.local`, 'localhost'])].map((value) => ({ type: 'dns' as const, value })),
    ...[...new Set(addresses)].map((value) => ({ type: 'ip' as const, value })),
  ];
}
