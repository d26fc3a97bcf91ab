import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Cleanup } from './cleanup.ts';
import { scratch } from './scratch.ts';

/** How the service behaves to the next who ask. */
export type Mood = 'fine' | 'silent' | 'dies' | 'dies-after-signing' | 'nonsense' | 'signs-for-another';

/** A claim service with an authority of its own, made by openssl. */
export class TestClaimService {
  readonly authority: string;
  /** What each code may still be used for: unused, by whom, or expired. */
  readonly codes = new Map<string, 'unused' | 'expired' | { readonly key: string }>();
  mood: Mood = 'fine';
  readonly #directory: string;
  #port = 0;

  private constructor(directory: string) {
    this.#directory = directory;
    const ca = ['-keyout', this.#at('ca.key'), '-out', this.#at('ca.crt'), '-subj', '/CN=Test authority'];
    this.#openssl('req', '-x509', ...EC, '-nodes', '-days', '30', ...ca);
    this.authority = readFileSync(this.#at('ca.crt'), 'utf8');
  }

  static async open(context: Cleanup): Promise<TestClaimService> {
    const service = new TestClaimService(scratch(context));
    await service.#listen(context);
    return service;
  }

  get url(): string {
    return `https://localhost:${this.#port}/v1`;
  }

  async #listen(context: Cleanup): Promise<void> {
    this.#openssl(
      'req',
      ...EC,
      '-nodes',
      '-keyout',
      this.#at('s.key'),
      '-out',
      this.#at('s.csr'),
      '-subj',
      '/CN=localhost',
    );
    writeFileSync(this.#at('s.ext'), 'subjectAltName=DNS:localhost\n');
    this.#sign('s', ['-extfile', this.#at('s.ext')]);
    const server = createServer(
      {
        key: readFileSync(this.#at('s.key')),
        cert: readFileSync(this.#at('s.crt')),
        ca: this.authority,
        requestCert: true,
        rejectUnauthorized: false,
      },
      (request, response) => {
        let text = '';
        request.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        request.on('end', () => {
          if (this.mood === 'silent') return;
          if (this.mood === 'dies') {
            request.socket.destroy();
            return;
          }
          const known = 'authorized' in request.socket && request.socket.authorized === true;
          const [status, answer] = this.#answer(request.url ?? '', JSON.parse(text) as Record<string, string>, known);
          if (this.mood === 'dies-after-signing') {
            response.writeHead(status, { 'content-length': 100_000 });
            response.write('{"certificate":');
            setTimeout(() => request.socket.destroy(), 20);
            return;
          }
          response.writeHead(status, { 'content-type': 'application/json' });
          response.end(this.mood === 'nonsense' ? '<html>' : JSON.stringify(answer));
        });
      },
    );
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    context.after(() => {
      server.closeAllConnections();
      server.close();
    });
    this.#port = (server.address() as AddressInfo).port;
  }

  #answer(url: string, { code, csr }: Record<string, string>, known: boolean): [number, object] {
    const refuse = (why: string): [number, object] => [403, { error: { code: why, message: why } }];
    writeFileSync(this.#at('d.csr'), csr);
    const key = this.#openssl('req', '-in', this.#at('d.csr'), '-noout', '-verify', '-pubkey');
    if (url === '/v1/renew') {
      if (!known) return refuse('unknown-board');
    } else {
      const state = this.codes.get(code);
      if (state === undefined) return refuse('wrong-code');
      if (state === 'expired') return refuse('expired-code');
      if (state !== 'unused' && state.key !== key) return refuse('used-code');
      this.codes.set(code, { key });
    }
    if (this.mood === 'signs-for-another')
      this.#openssl(
        'req',
        ...EC,
        '-nodes',
        '-keyout',
        this.#at('x.key'),
        '-out',
        this.#at('d.csr'),
        '-subj',
        '/CN=door-1',
      );
    this.#sign('d', []);
    return [200, { certificate: readFileSync(this.#at('d.crt'), 'utf8') }];
  }

  #sign(name: string, more: readonly string[]): void {
    const by = ['-CA', this.#at('ca.crt'), '-CAkey', this.#at('ca.key'), '-CAcreateserial', '-days', '3'];
    this.#openssl('x509', '-req', '-in', this.#at(`${name}.csr`), '-out', this.#at(`${name}.crt`), ...by, ...more);
  }

  #at(name: string): string {
    return join(this.#directory, name);
  }

  #openssl(...words: string[]): string {
    return execFileSync('openssl', words, { stdio: ['ignore', 'pipe', 'pipe'] }).toString();
  }
}

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'] as const;

export const serialOf = (pem: string): string => new X509Certificate(pem).serialNumber;
