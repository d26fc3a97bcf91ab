import { createServer } from 'node:net';
import { Aedes } from 'aedes';
import { EventsError } from './errors.ts';

/** A broker in this process, for a terminal that stands alone. */
export interface EmbeddedBroker {
  /** `mqtt://127.0.0.1:<port>` */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts a broker that only this machine can reach.
 *
 * @param port 0 takes a free one
 * @throws EventsError `events.broker-address`
 */
export async function openBroker(port: number): Promise<EmbeddedBroker> {
  const broker = await Aedes.createBroker();
  const server = createServer(broker.handle);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      broker.close();
      reject(
        new EventsError(
          'events.broker-address',
          `the embedded broker cannot listen on 127.0.0.1:${port} (${cause.message}); choose another --broker-port (0 takes a free one) or use the broker that is there by --broker mqtt://127.0.0.1:${port}`,
          { cause },
        ),
      );
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  const listening = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `mqtt://127.0.0.1:${listening}`,
    async close() {
      await new Promise<void>((resolve) => {
        broker.close(resolve);
      });
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}
