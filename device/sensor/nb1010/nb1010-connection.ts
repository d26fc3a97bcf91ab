import type { Clock } from '../../clock.ts';
import { SensorError } from '../errors.ts';
import type { Capture, SensorConnection, SensorDescription } from '../sensor.ts';
import type { UsbConnection } from '../usb/usb-bus.ts';
import { ANSWER_MS, IN, isFingerThere, startCapture } from './commands.ts';
import { PACKET_BYTES, PACKETS, PICTURE_HEIGHT, PICTURE_WIDTH, placeLines } from './raw-picture.ts';

const POLL_MS = 50;
const MOST_PICTURES = 3;
/** What was left of a capture that was broken off comes at once, or there is none. */
const DRAIN_MS = 100;

/** 256 × 180 pixels on 16.9 × 11.9 mm. */
export const PICTURE_DPI = 385;

export const MODEL = 'NB-1010-U';

export interface Nb1010Options {
  readonly usb: UsbConnection;
  readonly identity: { readonly link: string; readonly serial?: string };
  readonly clock: Clock;
}

/** A NEXT Biometrics NB-1010-U: open and answering. */
export class Nb1010Connection implements SensorConnection {
  readonly #options: Nb1010Options;
  readonly #closing = new AbortController();
  /** An exchange was broken off: bytes of it may still be on their way. */
  #brokenOff = false;

  constructor(options: Nb1010Options) {
    this.#options = options;
  }

  describe(): SensorDescription {
    const geometry = { width: PICTURE_WIDTH, height: PICTURE_HEIGHT };
    return { model: MODEL, ...this.#options.identity, geometry, dpi: PICTURE_DPI };
  }

  async waitForFinger(signal: AbortSignal): Promise<'finger'> {
    await this.#pollUntil(true, signal);
    return 'finger';
  }

  async capture(signal: AbortSignal): Promise<Capture> {
    const until = this.#until(signal);
    for (let taken = 1; ; taken++)
      try {
        const pixels = await this.#exchange(until, () => this.#readPicture(until));
        const image = { width: PICTURE_WIDTH, height: PICTURE_HEIGHT, dpi: PICTURE_DPI, pixels };
        return { kind: 'image', image };
      } catch (cause) {
        const damaged = cause instanceof SensorError && cause.code === 'sensor.bad-picture';
        if (!damaged || taken === MOST_PICTURES) throw cause;
        // Another picture is one of this touch only while the finger has stayed.
        if (!(await this.#exchange(until, () => isFingerThere(this.#options.usb, until))))
          return { kind: 'retry', reason: 'too-short' };
      }
  }

  async waitForLift(signal: AbortSignal): Promise<void> {
    await this.#pollUntil(false, signal);
  }

  showLamp(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#closing.abort(new SensorError('sensor.closed', 'the sensor has been closed'));
    await this.#options.usb.close();
  }

  #until(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#closing.signal]);
  }

  async #pollUntil(finger: boolean, signal: AbortSignal): Promise<void> {
    const until = this.#until(signal);
    const { usb, clock } = this.#options;
    while ((await this.#exchange(until, () => isFingerThere(usb, until))) !== finger) await clock.sleep(POLL_MS, until);
  }

  /** Commands and their replies, on a line that nothing from before comes over. */
  async #exchange<T>(signal: AbortSignal, talk: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    if (this.#brokenOff) await this.#drain(signal);
    this.#brokenOff = true;
    const result = await talk();
    this.#brokenOff = false;
    return result;
  }

  async #readPicture(signal: AbortSignal): Promise<Uint8Array> {
    const { usb } = this.#options;
    await startCapture(usb, signal);
    const picture = new Uint8Array(PICTURE_WIDTH * PICTURE_HEIGHT);
    for (let number = 0; number < PACKETS; number++)
      placeLines(picture, await usb.read(IN, PACKET_BYTES, { signal, timeoutMs: ANSWER_MS }), number);
    return picture;
  }

  /** Reads until nothing comes any more. */
  async #drain(signal: AbortSignal): Promise<void> {
    try {
      for (let packet = 0; packet < 2 * PACKETS; packet++)
        await this.#options.usb.read(IN, PACKET_BYTES, { signal, timeoutMs: DRAIN_MS });
    } catch (cause) {
      if (cause instanceof SensorError && cause.code === 'sensor.no-answer') return;
      throw cause;
    }
    throw new SensorError('sensor.bad-answer', 'the reader does not stop sending: plug it in again');
  }
}
