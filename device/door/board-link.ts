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
  /** One of them is missing for a moment after it has died, both where both have. */
  #driver: IoChild | undefined;
  #guard: IoChild | undefined;
  #refill: NodeJS.Timeout | undefined;
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
    this.#fill();
    this.#alive = setInterval(() => {
      for (const child of this.#children) this.#tell(child, { kind: 'alive' });
      // What they said may wait to be read: this process itself may have been busy.
      setImmediate(() => {
        for (const child of this.#children) if (isSilent(child)) this.#replace(child, SILENT);
      });
    }, ALIVE_MS);
  }

  release(ms: number): Promise<void> {
    const driver = this.#driver;
    if (driver === undefined)
      return Promise.reject(new DoorError('door.io-gone', 'the door’s process has ended; the next one starts now'));
    const id = ++this.#lastOrder;
    return new Promise((resolve, reject) => {
      this.#orders.set(id, { resolve, reject });
      this.#tell(driver, { kind: 'release', id, ms, sent: uptimeMs() });
    });
  }

  secure(): void {
    if (this.#driver) this.#tell(this.#driver, { kind: 'secure' });
  }

  show(steps: readonly SignalStep[], lasting: boolean): void {
    if (this.#driver) this.#tell(this.#driver, { kind: 'show', steps, lasting });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#alive);
    clearTimeout(this.#refill);
    this.#fail('door.closed', 'the door has been closed down');
    // The driver first: the guard watches it until the relay is off.
    for (const child of this.#children) {
      const { process } = child;
      if (process.exitCode !== null || process.signalCode !== null) continue;
      const ended = new Promise((resolve) => process.once('exit', resolve));
      this.#tell(child, { kind: 'leave' });
      const impatience = setTimeout(() => process.kill('SIGKILL'), LEAVE_MS);
      await ended;
      clearTimeout(impatience);
    }
  }

  get #children(): IoChild[] {
    return [this.#driver, this.#guard].filter((child) => child !== undefined);
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
      if (child.loss === undefined) {
        this.#fail(reason.code, reason.message);
        this.#listener({ kind: 'lost', ...reason });
      }
      this.#driver = this.#guard;
      if (this.#driver) this.#tell(this.#driver, { kind: 'take' });
    }
    this.#guard = undefined;
    // A crash that repeats itself must not fork without end.
    const wait = uptimeMs() - child.born < SHORT_LIFE_MS ? SHORT_LIFE_MS : 0;
    this.#refill ??= setTimeout(() => {
      this.#refill = undefined;
      this.#fill();
    }, wait);
  }

  #fill(): void {
    if (this.#driver === undefined) {
      this.#driver = this.#fork();
      this.#tell(this.#driver, { kind: 'take' });
    }
    this.#guard ??= this.#fork();
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
