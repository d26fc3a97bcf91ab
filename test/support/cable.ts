import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Cleanup } from './cleanup.ts';

/** What lies between a terminal and its broker, and can be pulled. */
export class Cable {
  readonly port: number;
  readonly #sockets: Set<Socket>;

  private constructor(port: number, sockets: Set<Socket>) {
    this.port = port;
    this.#sockets = sockets;
  }

  static async open(cleanup: Cleanup, to: number): Promise<Cable> {
    const sockets = new Set<Socket>();
    const server = createServer((near) => {
      const far = connect(to, '127.0.0.1');
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ]) {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.once('close', () => {
          sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const cable = new Cable((server.address() as AddressInfo).port, sockets);
    cleanup.after(async () => {
      cable.pull();
      await new Promise((resolve) => server.close(resolve));
    });
    return cable;
  }

  /** Every connection over it breaks; new ones are possible. */
  pull(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
