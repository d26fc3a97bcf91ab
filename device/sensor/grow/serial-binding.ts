import { SerialPort } from 'serialport';
import { SensorError } from '../errors.ts';
import type { Binding, ModemLines } from './binding.ts';

/** Opens a serial port by its path, for this process alone. */
export async function openSerial(path: string, baud: number): Promise<Binding> {
  const port = new SerialPort({ path, baudRate: baud, autoOpen: false, lock: true });
  const gone = new AbortController();
  const vanish = (cause?: unknown): void => {
    gone.abort(new SensorError('sensor.disconnected', `the sensor at ${path} was unplugged`, { cause }));
  };
  port.on('close', vanish).on('error', vanish);
  await new Promise<void>((resolve, reject) => {
    port.open((error) => {
      if (error) reject(whyNot(path, error));
      else resolve();
    });
  });
  // On a port that closes meanwhile serialport waits for the next opening, which never comes.
  const settled = (start: (done: (error?: Error | null) => void) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      const give = (): void => {
        reject(new Error('the port has closed'));
      };
      gone.signal.addEventListener('abort', give, { once: true });
      start((error) => {
        gone.signal.removeEventListener('abort', give);
        if (error) reject(error);
        else resolve();
      });
    });
  // What came before this connection belongs to nobody.
  await settled((done) => {
    port.flush(done);
  }).catch(vanish);
  const binding: Binding = {
    gone: gone.signal,
    onData: () => undefined,
    async write(bytes) {
      gone.signal.throwIfAborted();
      try {
        await settled((done) => port.write(bytes, done));
        await settled((done) => {
          port.drain(done);
        });
      } catch (cause) {
        vanish(cause);
      }
      gone.signal.throwIfAborted();
    },
    async setBaud(baudRate) {
      gone.signal.throwIfAborted();
      try {
        await settled((done) => {
          port.update({ baudRate }, done);
        });
      } catch (cause) {
        throw new SensorError('sensor.bad-target', `${path} does not bear ${baudRate} baud`, { cause });
      }
    },
    async readLines() {
      gone.signal.throwIfAborted();
      return await new Promise<ModemLines>((resolve, reject) => {
        port.get((error, lines) => {
          if (error || !lines)
            reject(
              new SensorError('sensor.bad-target', `${path} has no modem lines: leave touch= away`, { cause: error }),
            );
          else resolve(lines);
        });
      });
    },
    async close() {
      gone.abort(new SensorError('sensor.closed', 'the sensor has been closed'));
      if (!port.isOpen) return;
      await new Promise<void>((resolve) => {
        port.close(() => {
          resolve();
        });
      });
    },
  };
  port.on('data', (bytes: Buffer) => {
    binding.onData(bytes);
  });
  return binding;
}

/** serialport tells why a port cannot be opened in words only. */
function whyNot(path: string, cause: Error): SensorError {
  if (/cannot lock|temporarily unavailable|busy/i.test(cause.message))
    return new SensorError('sensor.busy', `${path} is in use: stop the terminal or whatever else reads it`, { cause });
  if (/permission denied|operation not permitted/i.test(cause.message))
    return new SensorError(
      'sensor.no-permission',
      `${path} may not be opened: install the udev rules, or join the group that owns it (usually dialout)`,
      { cause },
    );
  return new SensorError('sensor.not-connected', `nothing is connected at ${path}`, { cause });
}
