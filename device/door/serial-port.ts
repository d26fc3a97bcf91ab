import { SerialPort } from 'serialport';
import { DoorError } from './errors.ts';

/** What is needed of an open serial port. `SerialPort` is one. */
export interface DoorPort {
  readonly isOpen: boolean;
  write(bytes: Uint8Array, done: (error?: Error | null) => void): unknown;
  drain(done: (error?: Error | null) => void): void;
  close(done: (error?: Error | null) => void): void;
  on(event: 'data', listener: (bytes: Buffer) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** Opens a port that was never open before. */
export type OpenPort = (path: string) => Promise<DoorPort>;

/** StandardFirmata's. */
const BAUD = 57_600;

/**
 * Every connection gets a `SerialPort` of its own: one that is opened again sends what was written while it was closed.
 *
 * @throws DoorError `door.port`
 */
export const openSerialPort: OpenPort = async (path) => {
  const port = new SerialPort({ path, baudRate: BAUD, autoOpen: false, lock: true });
  await new Promise<void>((resolve, reject) => {
    port.open((cause) => {
      if (cause)
        reject(new DoorError('door.port', `the door’s board at ${path} cannot be opened: ${cause.message}`, { cause }));
      else resolve();
    });
  });
  return port;
};
