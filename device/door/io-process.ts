import type { BoardConnection } from './board-connection.ts';
import type { BoardNews } from './board.ts';
import { DoorError } from './errors.ts';
import { IoBoard } from './io-board.ts';
import {
  ALIVE_MS,
  GUARD_GRACE_MS,
  STALE_MS,
  TERMINAL_SILENT_MS,
  uptimeMs,
  type FromIo,
  type ToIo,
} from './io-messages.ts';
import type { BoardWiring } from './wiring.ts';

/** How an I/O process switched the relay off after its terminal was lost. */
export interface Abandonment {
  readonly by: 'driver' | 'guard';
  readonly code: 'door.terminal-gone' | 'door.terminal-silent';
  readonly message: string;
}

export interface IoProcessParts {
  readonly connect: (wiring: BoardWiring) => Promise<BoardConnection>;
  readonly send: (message: FromIo) => void;
  /** Kills another process, at once; one that is not there any more is dead enough. */
  readonly kill: (pid: number) => void;
  /** Told after the relay was switched off. */
  readonly onAbandoned: (abandonment: Abandonment) => void;
  /** Ends this process. */
  readonly exit: (status: number) => void;
}

/** A board that cannot be opened is tried again after so long, twice as long at each failure up to the longest. */
const FIRST_RETRY_MS = 10;
const LONGEST_RETRY_MS = 500;
/** For so long that is nothing to speak of: whoever held it has just been killed. */
const PATIENCE_MS = 1_000;
/** How long the guard of a lost terminal tries to reach the board. */
const GUARD_TRIES = 12;
/** What was written last has left the port by then, whatever the port says. */
const FAREWELL_MS = 1_000;

/**
 * One of the two processes that keep a door's board: the driver owns it, the guard waits. Whoever of them finds the
 * terminal gone or silent switches the relay off and ends; the driver first, the guard a moment later in any case.
 */
export class IoProcess {
  readonly #parts: IoProcessParts;
  #wiring: BoardWiring | undefined;
  #role: 'guard' | 'driver' | 'ended' = 'guard';
  #guarded: number | undefined;
  #connection: BoardConnection | undefined;
  #board: IoBoard | undefined;
  #heard = uptimeMs();
  readonly #alive: NodeJS.Timeout;

  constructor(parts: IoProcessParts) {
    this.#parts = parts;
    this.#alive = setInterval(() => {
      this.#parts.send({ kind: 'alive' });
      this.#watch();
    }, ALIVE_MS);
  }

  hear(message: ToIo): void {
    if (this.#role === 'ended') return;
    this.#heard = uptimeMs();
    switch (message.kind) {
      case 'prepare':
        this.#wiring = message.wiring;
        break;
      case 'guard':
        this.#guarded = message.driver;
        break;
      case 'take':
        this.#role = 'driver';
        void this.#take();
        break;
      case 'release':
        void this.#release(message);
        break;
      case 'secure':
        this.#board?.secure();
        break;
      case 'show':
        this.#board?.show(message.steps, message.lasting);
        break;
      case 'leave':
        void this.#end(0);
        break;
      case 'alive':
        break;
    }
  }

  /** The terminal's end of the channel is closed: it has ended, in whatever way. */
  async orphaned(): Promise<void> {
    await this.#abandon('door.terminal-gone', 'the terminal’s process ended without a farewell');
  }

  /** Something in this process went wrong that nobody foresaw. */
  async doubt(cause: unknown): Promise<void> {
    const error =
      cause instanceof DoorError ? cause : new DoorError('door.io-gone', `the door’s process fails: ${String(cause)}`);
    await this.#lose(error);
  }

  #watch(): void {
    if (uptimeMs() - this.#heard <= TERMINAL_SILENT_MS) return;
    // What it said meanwhile may still wait to be read: this process itself may have been stopped.
    setImmediate(() => {
      if (uptimeMs() - this.#heard > TERMINAL_SILENT_MS)
        void this.#abandon('door.terminal-silent', `the terminal has been silent for ${TERMINAL_SILENT_MS / 1_000} s`);
    });
  }

  async #take(): Promise<void> {
    const wiring = this.#wiring;
    if (wiring === undefined) return;
    const begin = uptimeMs();
    let told = '';
    for (let attempt = 0; this.#role === 'driver'; attempt++) {
      try {
        const connection = await this.#parts.connect(wiring);
        this.#connection = connection;
        if (this.#ended()) {
          await connection.close();
          return;
        }
        connection.gone.addEventListener('abort', () => void this.doubt(connection.gone.reason), { once: true });
        this.#board = await IoBoard.start(connection, wiring, (news) => {
          this.#tell(news);
        });
        this.#tell({ kind: 'ready', board: connection.name(), inputs: this.#board.inputs });
        return;
      } catch (cause) {
        // A connection is used once, and so is this process when it had one.
        if (this.#connection !== undefined) {
          await this.doubt(cause);
          return;
        }
        const error = cause instanceof DoorError ? cause : new DoorError('door.port', String(cause), { cause });
        if (error.message !== told && uptimeMs() - begin > PATIENCE_MS) {
          this.#tell({ kind: 'lost', code: error.code, message: error.message });
          told = error.message;
        }
        await pause(retryMs(attempt));
      }
    }
  }

  async #release({ id, ms, sent }: ToIo & { kind: 'release' }): Promise<void> {
    try {
      const age = uptimeMs() - sent;
      if (age > STALE_MS)
        throw new DoorError(
          'door.stale-command',
          `an order to unlock came ${Math.round(age)} ms late; it is not obeyed`,
        );
      if (this.#board === undefined) throw new DoorError('door.board-lost', 'the door’s board does not answer');
      await this.#board.release(ms);
      this.#parts.send({ kind: 'released', id });
    } catch (cause) {
      const code = cause instanceof DoorError ? cause.code : 'door.port';
      this.#parts.send({ kind: 'refused', id, code, message: cause instanceof Error ? cause.message : String(cause) });
    }
  }

  #tell(news: BoardNews): void {
    this.#parts.send({ kind: 'news', news });
  }

  async #lose({ code, message }: DoorError): Promise<void> {
    if (this.#ended()) return;
    this.#tell({ kind: 'lost', code, message });
    await this.#end(1);
  }

  async #abandon(code: Abandonment['code'], message: string): Promise<void> {
    if (this.#ended()) return;
    if (this.#role === 'driver') {
      this.#role = 'ended';
      this.#board?.secure();
      // The relay before the alarm: a frozen terminal may have the outbox locked.
      await Promise.race([this.#connection?.flushed().catch(() => undefined), pause(FAREWELL_MS)]);
      this.#parts.onAbandoned({ by: 'driver', code, message: `${message}; the relay was switched off` });
    } else {
      this.#role = 'ended';
      await pause(GUARD_GRACE_MS);
      if (await this.#fence())
        this.#parts.onAbandoned({ by: 'guard', code, message: `${message}; the guard switched the relay off` });
    }
    await this.#end(0);
  }

  /** Kills whoever may hold the board and switches the relay off. */
  async #fence(): Promise<boolean> {
    if (this.#guarded === undefined || this.#wiring === undefined) return false;
    this.#parts.kill(this.#guarded);
    for (let attempt = 0; attempt < GUARD_TRIES; attempt++)
      try {
        // A connection begins by switching the relay off.
        const connection = await this.#parts.connect(this.#wiring);
        await connection.flushed();
        await connection.close();
        return true;
      } catch {
        await pause(retryMs(attempt));
      }
    return false;
  }

  async #end(status: number): Promise<void> {
    this.#role = 'ended';
    clearInterval(this.#alive);
    const closing = (this.#board ?? this.#connection)?.close().catch(() => undefined);
    await Promise.race([closing, pause(FAREWELL_MS)]);
    this.#parts.exit(status);
  }

  #ended(): boolean {
    return this.#role === 'ended';
  }
}

function retryMs(attempt: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
