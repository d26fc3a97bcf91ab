import { request } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { AccessCode } from '../../device/console/access-code.ts';
import { pageCertificate } from '../../device/console/certificate.ts';
import { servePage } from '../../device/console/serve-page.ts';
import { TechnicianDesk } from '../../device/console/technician-desk.ts';
import { Provisioning } from '../../device/provision/provisioning.ts';
import type { Step } from '../../device/provision/step.ts';
import type { Workbench } from '../../device/provision/workbench.ts';
import type { Cleanup } from './cleanup.ts';
import { ManualClock } from './manual-clock.ts';
import { scratch } from './scratch.ts';

/** What came back, whole. */
export interface PageAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface PageRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** As JSON; a string or bytes as they are. */
  readonly body?: unknown;
}

/** The page without a board behind it: its own steps, a clock that tests move, and what the board's screen shows. */
export class PageRig {
  readonly clock: ManualClock;
  readonly desk: TechnicianDesk;
  readonly port: number;
  readonly state: string;
  /** The codes that the board has shown, in order. */
  readonly codes: readonly string[];
  readonly troubles: readonly unknown[];

  private constructor(rig: Pick<PageRig, 'clock' | 'desk' | 'port' | 'state' | 'codes' | 'troubles'>) {
    ({ clock: this.clock, desk: this.desk, port: this.port, state: this.state } = rig);
    this.codes = rig.codes;
    this.troubles = rig.troubles;
  }

  static async open(cleanup: Cleanup, steps: readonly Step[]): Promise<PageRig> {
    const clock = new ManualClock();
    const state = scratch(cleanup);
    const [codes, troubles]: [string[], unknown[]] = [[], []];
    const onTrouble = (error: unknown): void => {
      troubles.push(error);
    };
    const config = { device: 'door-1', state, keys: { keeper: 'file' } };
    const benchOf = (operator: string): Workbench =>
      // What these steps do needs no board.
      ({ config, clock, operator, commit: () => undefined }) as unknown as Workbench;
    const provisioning = new Provisioning(steps, state);
    const desk = new TechnicianDesk({ device: 'door-1', state, provisioning, benchOf, onTrouble });
    const code = new AccessCode({ clock, onCode: (text) => codes.push(text) });
    const { key, certificate } = await pageCertificate(state, 'door-1', Date.now());
    const where = { host: '127.0.0.1', port: 0 };
    const page = await servePage({ desk, code, clock, key, certificate, ...where, onTrouble });
    cleanup.after(async () => {
      await page.close();
      await desk.stop();
    });
    return new PageRig({ clock, desk, port: page.port, state, codes, troubles });
  }

  /** The path goes out as it is written here, dots and all. */
  ask(path: string, { method = 'GET', headers = {}, body }: PageRequest = {}): Promise<PageAnswer> {
    const raw = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const kind =
      raw === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(raw) };
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port: this.port,
          path,
          method,
          headers: { ...kind, ...headers },
          rejectUnauthorized: false,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('error', reject).once('end', () => {
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
          });
        },
      );
      sent.once('error', reject);
      sent.end(raw);
    });
  }

  /** The code that the board shows now, after somebody opened the page. */
  async code(): Promise<string> {
    await this.ask('/api/session');
    return this.codes.at(-1) ?? '';
  }

  signIn(code: string, headers: Readonly<Record<string, string>> = {}): Promise<PageAnswer> {
    return this.ask('/api/session', { method: 'POST', headers, body: { operator: 'Tess', code } });
  }

  /** The headers of a page that was let in. */
  async session(): Promise<{ cookie: string; 'x-whorl-token': string }> {
    const answer = await this.signIn(await this.code());
    if (answer.status !== 200) throw new Error(`not let in: ${answer.body.toString()}`);
    const { token } = JSON.parse(answer.body.toString()) as { token: string };
    return { cookie: cookieOf(answer), 'x-whorl-token': token };
  }
}

/** What a browser would send back. */
export function cookieOf({ headers }: PageAnswer): string {
  return headers['set-cookie']?.[0].split(';')[0] ?? '';
}
