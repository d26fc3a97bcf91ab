import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Cleanup } from './cleanup.ts';

/** A network between a terminal and a broker, which fails when a test says so. */
export class ShakyWire {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #down = false;

  private constructor(target: number) {
    this.#server = createServer((near) => {
      if (this.#down) {
        near.destroy();
        return;
      }
      const far = connect(target, '127.0.0.1');
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(socket);
        socket.pipe(other);
        socket.on('error', () => undefined);
        socket.once('close', () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
      }
    });
  }

  /** @param target the broker's port on this machine */
  static async open(context: Cleanup, target: number): Promise<ShakyWire> {
    const wire = new ShakyWire(target);
    await new Promise<void>((resolve) => wire.#server.listen(0, '127.0.0.1', resolve));
    context.after(() => {
      wire.down();
      wire.#server.close();
    });
    return wire;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Breaks every connection, what is on its way with them, and lets none come back until it is up. */
  down(): void {
    this.#down = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  up(): void {
    this.#down = false;
  }

  /** What is on its way stays there, and nobody is told. */
  freeze(): void {
    for (const socket of this.#sockets) {
      socket.unpipe();
      socket.pause();
    }
  }
}
