import { EventEmitter } from 'node:events';
import firmata from 'firmata-io';
import type { BoardConnection } from './board-connection.ts';
import { DoorError } from './errors.ts';
import type { DoorPort, OpenPort } from './serial-port.ts';
import { portOf, type BoardWiring } from './wiring.ts';

/** A board that has just been reset says its version by itself; one that runs already is asked after so long. */
const VERSION_MS = 500;

/** Firmata's words, https://github.com/firmata/protocol/blob/master/protocol.md */
const END_SYSEX = 0xf7;
const SET_PIN_MODE = 0xf4;
const OUTPUT = 1;
const DIGITAL_MESSAGE = 0x90;

/**
 * Switches the relay off whatever the board was doing before: ends a message that somebody was killed in the middle of,
 * makes the pin an output, sets its port of eight (where nothing but outputs hang) to what leaves the relay off.
 */
export function offFrame({ line, active }: BoardWiring['relay']): Uint8Array {
  const bits = active === 'high' ? 0 : 1 << (line % 8);
  return Uint8Array.of(
    ...[END_SYSEX, SET_PIN_MODE, line, OUTPUT],
    ...[DIGITAL_MESSAGE | portOf(line), bits & 0x7f, bits >> 7],
  );
}

/**
 * Opens the port, switches the relay off, and makes Firmata of it.
 *
 * @throws DoorError `door.port`
 */
export async function connectFirmata(
  path: string,
  relay: BoardWiring['relay'],
  open: OpenPort,
): Promise<BoardConnection> {
  const port = await open(path);
  const gone = new AbortController();
  const transport = new GatedTransport(port, (reason, cause) => {
    gone.abort(new DoorError('door.port', `the door’s board at ${path} ${reason}`, { cause }));
  });
  transport.write(offFrame(relay));
  const io = new firmata.Firmata(transport, { reportVersionTimeout: VERSION_MS });
  io.on('error', (cause: Error) => {
    gone.abort(new DoorError('door.port', `the door’s board at ${path} fails: ${cause.message}`, { cause }));
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
    close: () => transport.close(),
  };
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
