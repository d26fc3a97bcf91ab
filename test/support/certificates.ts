import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

export interface Identity {
  /** Paths of PEM files. */
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

export interface Wanted {
  /** The common name. */
  readonly name: string;
  /** Whom a server may be reached as (default: localhost and 127.0.0.1). */
  readonly names?: string;
  readonly days?: number;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Signs certificates by openssl, as whoever runs a fleet would. */
export class Authority {
  readonly certificate: string;
  readonly #directory: string;

  constructor(directory: string, name = 'whorl-test') {
    this.#directory = join(directory, name);
    mkdirSync(this.#directory, { recursive: true });
    this.certificate = join(this.#directory, 'ca.crt');
    openssl(
      'req',
      '-x509',
      ...KEY,
      '-keyout',
      this.#key,
      '-out',
      this.certificate,
      '-days',
      '30',
      '-subj',
      `/CN=${name}`,
    );
  }

  get #key(): string {
    return join(this.#directory, 'ca.key');
  }

  issue({ name, names = 'DNS:localhost,IP:127.0.0.1', days = 30 }: Wanted): Identity {
    const file = (extension: string): string => join(this.#directory, `${name}.${extension}`);
    const asked = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${names}`];
    openssl('req', ...KEY, '-keyout', file('key'), '-out', file('csr'), ...asked);
    const signer = ['-CA', this.certificate, '-CAkey', this.#key, '-CAcreateserial', '-copy_extensions', 'copy'];
    openssl('x509', '-req', '-in', file('csr'), ...signer, '-days', String(days), '-out', file('crt'));
    return { ca: this.certificate, certificate: file('crt'), key: file('key') };
  }
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}
