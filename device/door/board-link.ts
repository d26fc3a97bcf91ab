import { fork, type ChildProcess } from 'node:child_process';
import type { BoardNews, DoorBoard, OpenBoard } from './board.ts';
import { DoorError } from './errors.ts';
import { ALIVE_MS, IO_SILENT_MS, uptimeMs, type FromIo, type ToIo } from './io-messages.ts';
import type { SignalStep } from './signals.ts';
import { checkWiring, type BoardWiring } from './wiring.ts';

export interface BoardLinkOptions {
  /** Module that runs an `IoProcess`. */
  readonly program: string;
  readonly argv: readonly string[];
  readonly wiring: BoardWiring;
}

/** How long an I/O process may take to switch off and end when told to leave. */
const LEAVE_MS = 2_500;
/** A process that ended so soon is not replaced at once. */
const SHORT_LIFE_MS = 1_000;

/** And how long to start. */
const START_MS = 15_000;

const SILENT = { code: 'door.io-silent', message: `the door’s process was silent for ${IO_SILENT_MS} ms` } as const;

interface IoChild {
  readonly process: ChildProcess;
  readonly born: number;
  /** When it spoke last; it is silent while it starts. */
  heard?: number;
  /** Why it is given up, where it said so itself. */
  loss?: { readonly code: string; readonly message: string };
}

/**
 * The terminal's end of the two I/O processes: it hears that they live, kills the one that does not, lets the guard take
 * the board over at once and makes a new guard.
 */
export class BoardLink implements DoorBoard {
  readonly #options: BoardLinkOptions;
  readonly #listener: (news: BoardNews) => void;
  readonly #orders = new Map<number, { resolve: () => void; reject: (error: DoorError) => void }>();
  readonly #alive: NodeJS.Timeout;
  #driver: IoChild;
  #guard: IoChild;
  #lastOrder = 0;
  #closed = false;

  /** @throws DoorError `door.bad-wiring` */
  static opener(options: BoardLinkOptions): OpenBoard {
    checkWiring(options.wiring);
    return (listener) => new BoardLink(options, listener);
  }

  private constructor(options: BoardLinkOptions, listener: (news: BoardNews) => void) {
    this.#options = options;
    this.#listener = listener;
    this.#driver = this.#fork();
    this.#guard = this.#fork();
    this.#tell(this.#driver, { kind: 'take' });
    this.#tellGuard();
    this.#alive = setInterval(() => {
      for (const child of [this.#driver, this.#guard]) this.#tell(child, { kind: 'alive' });
      // What they said may wait to be read: this process itself may have been busy.
      setImmediate(() => {
        for (const child of [this.#driver, this.#guard]) if (isSilent(child)) this.#replace(child, SILENT);
      });
    }, ALIVE_MS);
  }

  /** Of driver and guard, for tests that kill them. */
  get pids(): { readonly driver: number | undefined; readonly guard: number | undefined } {
    return { driver: this.#driver.process.pid, guard: this.#guard.process.pid };
  }

  release(ms: number): Promise<void> {
    const id = ++this.#lastOrder;
    return new Promise((resolve, reject) => {
      this.#orders.set(id, { resolve, reject });
      this.#tell(this.#driver, { kind: 'release', id, ms, sent: uptimeMs() });
    });
  }

  secure(): void {
    this.#tell(this.#driver, { kind: 'secure' });
  }

  show(steps: readonly SignalStep[], lasting: boolean): void {
    this.#tell(this.#driver, { kind: 'show', steps, lasting });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#alive);
    this.#fail('door.closed', 'the door has been closed down');
    // The driver first: the guard watches it until the relay is off.
    for (const { process: child } of [this.#driver, this.#guard]) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      this.#tell(child === this.#driver.process ? this.#driver : this.#guard, { kind: 'leave' });
      const impatience = setTimeout(() => child.kill('SIGKILL'), LEAVE_MS);
      await ended;
      clearTimeout(impatience);
    }
  }

  #fork(): IoChild {
    const { program, argv, wiring } = this.#options;
    const child: IoChild = {
      // Detached: what interrupts the terminal must leave them to switch off in peace.
      process: fork(program, argv, { detached: true, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
      born: uptimeMs(),
    };
    child.process.on('message', (message) => {
      this.#hear(child, message as FromIo);
    });
    child.process.on('error', () => undefined);
    child.process.once('exit', (code, signal) => {
      this.#replace(child, {
        code: 'door.io-gone',
        message: `the door’s process ended (${signal ?? `status ${code ?? '?'}`})`,
      });
    });
    this.#tell(child, { kind: 'prepare', wiring });
    return child;
  }

  #hear(child: IoChild, message: FromIo): void {
    child.heard = uptimeMs();
    if (message.kind === 'alive' || child !== this.#driver) return;
    switch (message.kind) {
      case 'released':
        this.#orders.get(message.id)?.resolve();
        this.#orders.delete(message.id);
        break;
      case 'refused':
        this.#orders.get(message.id)?.reject(new DoorError(message.code as DoorError['code'], message.message));
        this.#orders.delete(message.id);
        break;
      case 'news':
        if (message.news.kind === 'lost') {
          const { code, message: reason } = message.news;
          child.loss = { code, message: reason };
          this.#fail(code, reason);
        }
        if (!this.#closed) this.#listener(message.news);
        break;
    }
  }

  /** The driver's place is taken by the guard, the guard's by a new process. */
  #replace(child: IoChild, reason: { readonly code: string; readonly message: string }): void {
    if (this.#closed || (child !== this.#driver && child !== this.#guard)) return;
    child.process.kill('SIGKILL');
    if (child === this.#driver) {
      this.#driver = this.#guard;
      this.#tell(this.#driver, {
        kind: 'take',
        ...(child.process.pid !== undefined && { from: child.process.pid }),
      });
      if (child.loss === undefined) {
        this.#fail(reason.code, reason.message);
        this.#listener({ kind: 'lost', ...reason });
      }
    }
    // Until the new guard is made there is none: a crash that repeats itself must not fork without end.
    this.#guard = this.#driver;
    const wait = uptimeMs() - child.born < SHORT_LIFE_MS ? SHORT_LIFE_MS : 0;
    setTimeout(() => {
      if (this.#closed) return;
      this.#guard = this.#fork();
      this.#tellGuard();
    }, wait);
  }

  #tellGuard(): void {
    const { pid } = this.#driver.process;
    if (pid !== undefined) this.#tell(this.#guard, { kind: 'guard', driver: pid });
  }

  #fail(code: string, message: string): void {
    for (const { reject } of this.#orders.values()) reject(new DoorError(code as DoorError['code'], message));
    this.#orders.clear();
  }

  #tell({ process: child }: IoChild, message: ToIo): void {
    // A channel that is closed says so by the process's end.
    if (child.connected) child.send(message, () => undefined);
  }
}

function isSilent({ born, heard }: IoChild): boolean {
  return heard === undefined ? uptimeMs() - born > START_MS : uptimeMs() - heard > IO_SILENT_MS;
}
