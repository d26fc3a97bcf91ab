import { SensorError } from '../../device/sensor/errors.ts';
import type {
  Capture,
  Lamp,
  SensorConnection,
  SensorDescription,
  SensorIdentity,
  SensorLink,
} from '../../device/sensor/sensor.ts';
import { touchOf } from './fake-parts.ts';

/** A place where a test plugs sensors in and out, and puts fingers on them. */
export class FakeSocket implements SensorLink {
  readonly description: SensorDescription = { model: 'fake', link: 'socket:1' };
  readonly lamps: Lamp[] = [];
  /** How often a connection was made. */
  connections = 0;
  #plugged: { identity: SensorIdentity; unplugged: AbortController } | undefined;
  #finger = 0;
  #change = new AbortController();

  plug(identity: SensorIdentity): void {
    this.unplug();
    this.#plugged = { identity, unplugged: new AbortController() };
  }

  unplug(): void {
    this.#plugged?.unplugged.abort(new SensorError('sensor.disconnected', 'the sensor was unplugged'));
    this.#plugged = undefined;
  }

  /** @param person 0 lifts the finger */
  press(person: number): void {
    this.#finger = person;
    this.#change.abort();
    this.#change = new AbortController();
  }

  connect(): Promise<SensorConnection> {
    const plugged = this.#plugged;
    if (!plugged) return Promise.reject(new SensorError('sensor.not-connected', 'nothing is plugged in'));
    this.connections++;
    const gone = plugged.unplugged.signal;
    let identity = plugged.identity;
    const until = async (wanted: () => boolean, signal: AbortSignal): Promise<void> => {
      for (;;) {
        gone.throwIfAborted();
        signal.throwIfAborted();
        if (wanted()) return;
        const wake = AbortSignal.any([this.#change.signal, gone, signal]);
        await new Promise<void>((resolve) => {
          wake.addEventListener('abort', () => {
            resolve();
          });
        });
      }
    };
    return Promise.resolve({
      describe: () => ({ ...identity, link: this.description.link }),
      waitForFinger: async (signal) => {
        await until(() => this.#finger !== 0, signal);
        return 'finger';
      },
      capture: (): Promise<Capture> => {
        gone.throwIfAborted();
        return Promise.resolve(this.#finger === 0 ? { kind: 'retry', reason: 'too-short' } : touchOf(this.#finger));
      },
      waitForLift: (signal) => until(() => this.#finger === 0, signal),
      showLamp: (lamp) => {
        gone.throwIfAborted();
        this.lamps.push(lamp);
        return Promise.resolve();
      },
      mark: () => {
        identity = { ...identity, serial: 'mark 1' };
        plugged.identity = identity;
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    });
  }
}
