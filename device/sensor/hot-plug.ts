import type { Clock } from '../clock.ts';
import { WhorlError } from '../errors.ts';
import { SensorError } from './errors.ts';
import { isSame, nameOfSensor, type PairingFile } from './pairing.ts';
import type {
  Capture,
  Lamp,
  Sensor,
  SensorConnection,
  SensorDescription,
  SensorIdentity,
  SensorLink,
  SensorListener,
} from './sensor.ts';

/** How long to wait before looking for the sensor again: short at first, and never so long that people notice. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

export interface HotPlugOptions {
  readonly link: SensorLink;
  /** Without it every sensor is used. */
  readonly pairing?: PairingFile;
  readonly clock: Clock;
  readonly onEvent: SensorListener;
}

/**
 * A sensor that may be unplugged: that is a state, not an end. It looks for the hardware when a touch is awaited, and goes
 * on by itself when it is back. Only the sensor that was paired is used; the first one ever seen is paired.
 */
export class HotPlugSensor implements Sensor {
  readonly #options: HotPlugOptions;
  readonly #closing = new AbortController();
  #connection: SensorConnection | undefined;
  #description: SensorDescription;
  /** What was told last, so that every change is told once. */
  #told = '';

  constructor(options: HotPlugOptions) {
    this.#options = options;
    this.#description = options.link.description;
  }

  describe(): SensorDescription {
    return this.#connection?.describe() ?? this.#description;
  }

  /**
   * Connects and checks the pairing without waiting for a finger, as the first wait does.
   *
   * @throws SensorError why there is no sensor now; `sensor.not-paired` for another one than the paired
   */
  async connect(signal: AbortSignal): Promise<void> {
    await this.#connected(AbortSignal.any([signal, this.#closing.signal]));
  }

  /** Survives unplugging, replugging and an exchange of sensors. */
  async waitForFinger(signal: AbortSignal): Promise<'finger' | 'ended'> {
    const until = AbortSignal.any([signal, this.#closing.signal]);
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 2)) {
      until.throwIfAborted();
      try {
        const connection = await this.#connected(until);
        pause = FIRST_PAUSE_MS;
        return await connection.waitForFinger(until);
      } catch (cause) {
        until.throwIfAborted();
        await this.#lose(cause);
      }
      await this.#options.clock.sleep(pause, until);
    }
  }

  async capture(signal: AbortSignal): Promise<Capture> {
    const until = AbortSignal.any([signal, this.#closing.signal]);
    until.throwIfAborted();
    if (this.#connection === undefined) return { kind: 'retry', reason: 'no-finger' };
    try {
      return await this.#connection.capture(until);
    } catch (cause) {
      until.throwIfAborted();
      throw await this.#lose(cause);
    }
  }

  async waitForLift(signal: AbortSignal): Promise<void> {
    const until = AbortSignal.any([signal, this.#closing.signal]);
    until.throwIfAborted();
    try {
      await this.#connection?.waitForLift(until);
    } catch (cause) {
      until.throwIfAborted();
      await this.#lose(cause);
    }
  }

  async showLamp(lamp: Lamp): Promise<void> {
    await this.#connection?.showLamp(lamp);
  }

  async close(): Promise<void> {
    this.#closing.abort(new SensorError('sensor.closed', 'the sensor has been closed'));
    await this.#drop();
  }

  async #connected(signal: AbortSignal): Promise<SensorConnection> {
    if (this.#connection !== undefined) return this.#connection;
    const { link, onEvent } = this.#options;
    const connection = await link.connect(signal, onEvent);
    try {
      await this.#admit(connection);
      signal.throwIfAborted();
    } catch (cause) {
      await connection.close().catch(() => undefined);
      throw cause;
    }
    this.#connection = connection;
    this.#description = connection.describe();
    this.#tell(`connected ${nameOfSensor(this.#description)}`, () => {
      onEvent({ kind: 'connected', sensor: this.#description });
    });
    return connection;
  }

  /** Lets the paired sensor in, and the first one ever. */
  async #admit(connection: SensorConnection): Promise<void> {
    const { pairing, onEvent } = this.#options;
    if (pairing === undefined) return;
    const { paired } = pairing.read();
    const found = connection.describe();
    if (paired !== undefined && !isSame(paired, found)) throw this.#refuse(pairing, paired, found);
    if (found.serial === undefined) await connection.mark?.();
    const admitted = connection.describe();
    if (paired !== undefined && isSame(paired, admitted)) return;
    pairing.pair(admitted);
    onEvent({ kind: 'paired', sensor: admitted });
  }

  #refuse(pairing: PairingFile, paired: SensorIdentity, found: SensorDescription): SensorError {
    const { onEvent } = this.#options;
    const { refused } = pairing.read();
    if (refused === undefined || !isSame(refused, found)) pairing.refuse(found);
    this.#tell(`swapped ${nameOfSensor(found)}`, () => {
      onEvent({ kind: 'swapped', paired, found });
    });
    return new SensorError(
      'sensor.not-paired',
      `${nameOfSensor(found)} stands in the place of ${nameOfSensor(paired)}: it is not used until a technician runs whorl sensor accept`,
    );
  }

  async #lose(cause: unknown): Promise<WhorlError> {
    await this.#drop();
    const error =
      cause instanceof WhorlError
        ? cause
        : new SensorError('sensor.disconnected', cause instanceof Error ? cause.message : String(cause), { cause });
    // An exchange has been told already, with more to say.
    if (error.code !== 'sensor.not-paired') {
      const { code, message } = error;
      // That it went and that it is not there are one state.
      this.#tell(`disconnected ${code === 'sensor.disconnected' ? 'sensor.not-connected' : code}`, () => {
        this.#options.onEvent({ kind: 'disconnected', link: this.#options.link.description.link, code, message });
      });
    }
    return error;
  }

  async #drop(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close().catch(() => undefined);
  }

  #tell(state: string, tell: () => void): void {
    if (this.#told === state) return;
    this.#told = state;
    tell();
  }
}
