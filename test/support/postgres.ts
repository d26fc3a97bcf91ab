import { execFileSync, type ExecFileSyncOptions } from 'node:child_process';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Cleanup } from './cleanup.ts';
import { Program } from './program.ts';
import { scratch } from './scratch.ts';

/** Recovery on a busy disk takes its time. */
const ANSWER_MS = 120_000;

const DEBIAN = '/usr/lib/postgresql';

/** After it was killed it need not open every file of the directory to sync it. */
const RECOVERY = ['-c', 'recovery_init_sync_method=syncfs'];

/** Where initdb and postgres lie: Debian keeps them off the path, a directory a version. */
function programs(): string | undefined {
  if (!existsSync(DEBIAN)) return undefined;
  return readdirSync(DEBIAN)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(DEBIAN, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')));
}

/** PostgreSQL refuses to run as root; then its own user, who comes with the package, runs it. */
const asUser: readonly string[] =
  userInfo().uid === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : [];

/** For node:test's `skip`: false where PostgreSQL is installed, else the reason. */
export function skipWithoutPostgres(): string | false {
  return programs() === undefined ? 'PostgreSQL is not installed' : false;
}

/** A PostgreSQL of this test's own, on a socket in its directory. It syncs to disk as it does anywhere. */
export class Postgres {
  readonly #context: Cleanup;
  readonly #directory: string;
  #program: Program | undefined;

  private constructor(context: Cleanup, directory: string) {
    this.#context = context;
    this.#directory = directory;
  }

  static async open(context: Cleanup): Promise<Postgres> {
    const directory = scratch(context);
    const quiet: ExecFileSyncOptions = { stdio: 'ignore', cwd: '/' };
    if (asUser.length > 0) {
      const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres']));
      chownSync(directory, id('-u'), id('-g'));
    }
    const [command, ...args] = [...asUser, join(programs() ?? '', 'initdb'), '-D', join(directory, 'data')];
    execFileSync(command, [...args, '-U', 'whorl', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N'], quiet);
    const postgres = new Postgres(context, directory);
    await postgres.start();
    return postgres;
  }

  url(database = 'postgres'): string {
    return `postgres://whorl@localhost/${database}?host=${encodeURIComponent(this.#directory)}`;
  }

  /** An empty database; its URL. */
  create(database: string): string {
    execFileSync('createdb', ['-h', this.#directory, '-U', 'whorl', database], { stdio: 'ignore' });
    return this.url(database);
  }

  async start(): Promise<void> {
    const data = join(this.#directory, 'data');
    const [command, ...args] = [...asUser, join(programs() ?? '', 'postgres'), '-D', data, '-k', this.#directory];
    this.#program = Program.start(this.#context, command, ...args, '-h', '', ...RECOVERY);
    const deadline = Date.now() + ANSWER_MS;
    for (;;) {
      try {
        execFileSync('pg_isready', ['-h', this.#directory, '-U', 'whorl', '-q'], { stdio: 'ignore' });
        return;
      } catch {
        if (Date.now() > deadline) throw new Error(`PostgreSQL does not answer: ${this.#program.errors.join('\n')}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  /** `SIGINT` ends it in order with all its sessions; `SIGQUIT` at once, to recover at its next start. */
  async stop(signal: 'SIGINT' | 'SIGQUIT'): Promise<void> {
    await this.#program?.kill(signal);
  }
}
