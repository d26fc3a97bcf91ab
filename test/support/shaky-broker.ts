import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import type { Cleanup } from './cleanup.ts';

/** A broker whose network fails when a test says so, while its sessions live on. */
export class ShakyBroker {
  readonly #aedes: Aedes;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  private constructor(aedes: Aedes) {
    this.#aedes = aedes;
  }

  static async open(context: Cleanup): Promise<ShakyBroker> {
    const broker = new ShakyBroker(await Aedes.createBroker());
    await broker.up();
    context.after(async () => {
      await broker.down();
      await new Promise<void>((resolve) => {
        broker.#aedes.close(resolve);
      });
    });
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.#port}`;
  }

  /** Listens, on the same port as ever. */
  async up(): Promise<void> {
    const server = (this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      this.#aedes.handle(socket);
    }));
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Breaks every connection and refuses new ones. */
  async down(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    this.cut();
    await closed;
  }

  /** Breaks every connection; new ones are welcome. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
