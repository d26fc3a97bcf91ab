import { spawn, execFileSync, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import type { DoorPort, OpenPort } from '../../device/door/serial-port.ts';
import { DoorError } from '../../device/door/errors.ts';
import type { FirmwareBoard } from './firmware-board.ts';

/** The cable between a host and an emulated board, in this process: it can be pulled, put back, and lose what it carries. */
export class BoardWire {
  /** What of the host's bytes comes through, and of the board's. */
  carriesDown: (bytes: Uint8Array) => boolean = () => true;
  carriesUp = true;
  /** What was written while the cable was out. */
  readonly refused: number[] = [];
  readonly #board: FirmwareBoard;
  readonly #ports = new Set<Port>();
  #plugged = true;

  constructor(board: FirmwareBoard) {
    this.#board = board;
    board.onByte = (byte) => {
      if (this.carriesUp) for (const port of this.#ports) port.emit('data', Buffer.of(byte));
    };
  }

  /** As a serial port's: works while the cable is in. */
  readonly open: OpenPort = (path) => {
    if (!this.#plugged) return Promise.reject(new DoorError('door.port', `${path}: no such file`));
    const port = new Port((bytes) => {
      if (!port.isOpen) this.refused.push(...bytes);
      else if (this.carriesDown(bytes)) this.#board.fromHost(bytes);
    });
    this.#ports.add(port);
    return Promise.resolve(port);
  };

  unplug(): void {
    this.#plugged = false;
    for (const port of this.#ports) port.vanish();
    this.#ports.clear();
  }

  plug(): void {
    this.#plugged = true;
  }
}

class Port extends EventEmitter implements DoorPort {
  readonly #onWrite: (bytes: Uint8Array) => void;
  isOpen = true;

  constructor(onWrite: (bytes: Uint8Array) => void) {
    super();
    this.#onWrite = onWrite;
  }

  write(bytes: Uint8Array, done: (error?: Error | null) => void): void {
    this.#onWrite(bytes);
    if (this.isOpen) setImmediate(done);
  }

  drain(done: (error?: Error | null) => void): void {
    setImmediate(() => {
      done(this.isOpen ? null : new Error('Port is not open'));
    });
  }

  close(done: (error?: Error | null) => void): void {
    this.isOpen = false;
    setImmediate(done);
  }

  vanish(): void {
    this.isOpen = false;
    this.emit('close');
  }
}

/** For node:test's `skip`: false where pseudo-terminals can be made, else the reason. */
export function skipWithoutSocat(): string | false {
  try {
    execFileSync('which', ['socat'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'socat is not installed';
  }
}

/** The cable as a pseudo-terminal, for real serial ports in other processes. */
export class PtyWire {
  readonly path: string;
  readonly #board: FirmwareBoard;
  #socat: ChildProcess | undefined;

  constructor(board: FirmwareBoard, path: string) {
    this.path = path;
    this.#board = board;
  }

  async plug(): Promise<void> {
    const socat = spawn('socat', ['-', `pty,raw,echo=0,link=${this.path},ignoreeof`], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#socat = socat;
    socat.stdin.on('error', () => undefined);
    socat.stdout.on('data', (bytes: Buffer) => {
      this.#board.fromHost(bytes);
    });
    this.#board.onByte = (byte) => {
      if (socat.exitCode === null && socat.signalCode === null) socat.stdin.write(Buffer.of(byte));
    };
    while (!existsSync(this.path)) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async unplug(): Promise<void> {
    const socat = this.#socat;
    if (socat?.exitCode !== null || socat.signalCode !== null) return;
    const ended = new Promise((resolve) => socat.once('close', resolve));
    socat.kill('SIGTERM');
    await ended;
  }
}
