import { SensorError } from '../../device/sensor/errors.ts';
import type { Binding, ModemLines, OpenBinding } from '../../device/sensor/grow/binding.ts';
import type { SimulatedModule } from '../../device/sensor/grow/simulated/simulated-module.ts';

/** What happens to bytes on the way to the host: the bytes that arrive instead. */
export type Disturbance = (bytes: Uint8Array) => Uint8Array;

const undisturbed: Disturbance = (bytes) => bytes;

/**
 * A serial line within this process, from the module to whoever opens it: the binding's contract without a port. It can be
 * cut and joined again, and disturbed.
 */
export class GrowLine {
  /** To the host. */
  disturbance: Disturbance = undisturbed;
  lines: ModemLines = { cts: false, dsr: false, dcd: false };
  /** Told of every chunk before it travels: a test unplugs the line then. */
  onTraffic: (from: 'host' | 'module', bytes: Uint8Array) => void = () => undefined;
  opened = 0;
  #module: SimulatedModule | undefined;
  #host: { binding: Binding; vanish: () => void; baud: number } | undefined;

  readonly open: OpenBinding = (path, baud) => {
    if (this.#module === undefined)
      return Promise.reject(new SensorError('sensor.not-connected', `nothing is connected at ${path}`));
    if (this.#host) return Promise.reject(new SensorError('sensor.busy', `${path} is in use`));
    this.opened++;
    const gone = new AbortController();
    const host = {
      baud,
      vanish: () => {
        gone.abort(new SensorError('sensor.disconnected', `the sensor at ${path} was unplugged`));
      },
      binding: {
        gone: gone.signal,
        onData: () => undefined,
        write: async (bytes) => {
          gone.signal.throwIfAborted();
          this.onTraffic('host', bytes);
          gone.signal.throwIfAborted();
          await Promise.resolve();
          this.#module?.receive(bytes, host.baud);
        },
        setBaud: (rate) => {
          gone.signal.throwIfAborted();
          host.baud = rate;
          return Promise.resolve();
        },
        readLines: () => {
          gone.signal.throwIfAborted();
          return Promise.resolve(this.lines);
        },
        close: () => {
          gone.abort(new SensorError('sensor.closed', 'the sensor has been closed'));
          if (this.#host === host) this.#host = undefined;
          return Promise.resolve();
        },
      } satisfies Binding as Binding,
    };
    this.#host = host;
    return Promise.resolve(host.binding);
  };

  /** What a module sends, at its rate. */
  readonly send = (bytes: Uint8Array, baud: number): void => {
    if (!this.#host) return;
    this.onTraffic('module', bytes);
    this.#deliver(this.disturbance(bytes), baud);
  };

  plug(module: SimulatedModule): void {
    this.unplug();
    this.#module = module;
    module.powerOn();
  }

  unplug(): void {
    const host = this.#host;
    this.#host = undefined;
    this.#module?.powerOff();
    this.#module = undefined;
    host?.vanish();
  }

  /** To whoever is still there; at another rate nothing can be understood. */
  #deliver(bytes: Uint8Array, baud: number): void {
    const host = this.#host;
    if (host && bytes.length > 0) host.binding.onData(host.baud === baud ? bytes : bytes.map((byte) => byte ^ 0x5a));
  }
}
