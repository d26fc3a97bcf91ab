import { EventEmitter } from 'node:events';
import firmata, { type Firmata } from 'firmata-io';
import type { BoardConnection } from './board-connection.ts';
import { DoorError } from './errors.ts';
import type { DoorPort, OpenPort } from './serial-port.ts';
import { portOf } from './wiring.ts';

/** A board that has just been reset says its version by itself; one that runs already is asked after so long. */
const VERSION_MS = 500;
/** It is asked so often how its relay stands, and lost when so many questions wait for an answer. */
const ASK_MS = 1_000;
const MOST_UNANSWERED = 2;

/** Firmata's words, https://github.com/firmata/protocol/blob/master/protocol.md */
const END_SYSEX = 0xf7;
const SET_PIN_MODE = 0xf4;
const OUTPUT = 1;
const DIGITAL_MESSAGE = 0x90;

/**
 * Switches the relay off whatever the board was doing before: ends a message that somebody was killed in the middle of,
 * makes the pin an output, and sets its port of eight, where nothing but outputs hang, to low.
 */
function offFrame(relay: number): Uint8Array {
  return Uint8Array.of(END_SYSEX, SET_PIN_MODE, relay, OUTPUT, DIGITAL_MESSAGE | portOf(relay), 0, 0);
}

/**
 * Opens the port, switches the relay off, and makes Firmata of it.
 *
 * @throws DoorError `door.port`
 */
export async function connectFirmata(path: string, relay: number, open: OpenPort): Promise<BoardConnection> {
  const port = await open(path);
  const gone = new AbortController();
  const doubt = (reason: string, cause?: unknown): void => {
    gone.abort(new DoorError('door.port', `the door’s board at ${path} ${reason}`, { cause }));
  };
  const transport = new GatedTransport(port, doubt);
  transport.write(offFrame(relay));
  const io = new firmata.Firmata(transport, { reportVersionTimeout: VERSION_MS });
  io.on('error', (cause: Error) => {
    doubt(`fails: ${cause.message}`, cause);
  });
  io.once('ready', () => {
    watch(io, relay, doubt, gone.signal);
  });
  return {
    name: () => {
      const { name = 'Firmata', version } = io.firmware;
      return `${name.replace(/\.ino$/, '')}${version ? ` ${version.major}.${version.minor}` : ''} at ${path}`;
    },
    io,
    begin: () => transport.emit('open'),
    flushed: () => transport.flushed(),
    gone: gone.signal,
    close: () => {
      // Nothing is asked of a port that is about to close.
      gone.abort(new DoorError('door.closed', 'the door has been closed down'));
      return transport.close();
    },
  };
}

/**
 * Asks a board again and again how its relay stands. One that is silent, that has lost what it was told, or that has
 * restarted (it says its version by itself then, and has forgotten which inputs to tell of) is not to be relied on.
 */
function watch(io: Firmata, relay: number, doubt: (reason: string) => void, gone: AbortSignal): void {
  let unanswered = 0;
  io.on('reportversion', () => {
    doubt('has restarted');
  });
  const asking = setInterval(() => {
    // An answer may wait to be read.
    setImmediate(() => {
      if (gone.aborted) return;
      if (unanswered >= MOST_UNANSWERED) {
        doubt(`has been silent for ${MOST_UNANSWERED * ASK_MS} ms`);
        return;
      }
      unanswered++;
      const told = io.pins[relay].value;
      io.queryPinState(relay, () => {
        unanswered = 0;
        if (io.pins[relay].state !== told) doubt('does not hold the relay as it was told');
      });
    });
  }, ASK_MS);
  gone.addEventListener('abort', () => {
    clearInterval(asking);
  });
}

/** A serial port that refuses to be written to unless it is open, now: nothing waits in it for a better time. */
class GatedTransport extends EventEmitter {
  readonly #port: DoorPort;
  readonly #onDoubt: (reason: string, cause?: unknown) => void;
  #last: Promise<void> = Promise.resolve();

  constructor(port: DoorPort, onDoubt: (reason: string, cause?: unknown) => void) {
    super();
    this.#port = port;
    this.#onDoubt = onDoubt;
    port.on('data', (bytes) => this.emit('data', bytes));
    port.on('error', (error) => {
      onDoubt(`fails: ${error.message}`, error);
    });
    port.on('close', () => {
      onDoubt('was unplugged');
      this.emit('close');
    });
  }

  write(bytes: Uint8Array, done: () => void = () => undefined): void {
    if (!this.#port.isOpen) {
      this.#onDoubt('is written to while it is closed');
      return;
    }
    this.#last = new Promise((resolve, reject) => {
      this.#port.write(bytes, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
    this.#last.then(done, (error: unknown) => {
      this.#onDoubt(`cannot be written to: ${String(error)}`, error);
    });
  }

  async flushed(): Promise<void> {
    await this.#last;
    if (!this.#port.isOpen) throw new DoorError('door.port', 'the door’s board is gone');
    await new Promise<void>((resolve, reject) => {
      this.#port.drain((error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }

  async close(): Promise<void> {
    if (!this.#port.isOpen) return;
    await this.flushed().catch(() => undefined);
    await new Promise<void>((resolve) => {
      this.#port.close(() => {
        resolve();
      });
    });
  }
}
