import type { Clock } from '../../clock.ts';
import { inverted } from '../../imaging/polarity.ts';
import { SensorError } from '../errors.ts';
import type { Capture, SensorConnection, SensorDescription } from '../sensor.ts';
import type { UsbConnection } from '../usb/usb-bus.ts';
import { Interrupts, SIGNAL } from './interrupts.ts';
import { powerUp } from './power.ts';
import {
  assemble,
  looksScrambled,
  parseRawPicture,
  PICTURE_HEIGHT,
  PICTURE_WIDTH,
  REQUESTED_BYTES,
  type RawPicture,
} from './raw-picture.ts';
import type { ReaderModel } from './readers.ts';
import { DEVICE_INFO_BYTES, MODE, REGISTER, Registers } from './registers.ts';
import { descramble, stepKey } from './scramble.ts';

const PICTURE_ENDPOINT = 0x82;
const PICTURE_MS = 5_000;
/** A damaged picture is taken again while the finger lies there. */
const MOST_PICTURES = 3;
/** What was left of a capture that was broken off comes at once, or there is none. */
const DRAIN_MS = 100;
const MOST_DRAINED = 100;

export const PICTURE_DPI = 500;

export interface Uru4000Options {
  readonly usb: UsbConnection;
  readonly model: ReaderModel;
  readonly identity: { readonly link: string; readonly serial?: string };
  readonly clock: Clock;
  /** What pictures are scrambled with, 32 bits: a new one each time, so that nobody can replay one. */
  readonly seed: () => number;
}

/** A U.are.U 4000, 4000B or 4500, or one of Microsoft's: open, awake, and ready for touches. */
export class Uru4000Connection implements SensorConnection {
  readonly #options: Uru4000Options;
  readonly #registers: Registers;
  readonly #interrupts: Interrupts;
  readonly #closing = new AbortController();
  /** A capture was broken off: bytes of it may still be on their way. */
  #brokenOff = false;

  private constructor(options: Uru4000Options) {
    this.#options = options;
    this.#registers = new Registers(options.usb);
    this.#interrupts = new Interrupts(options.usb);
  }

  /** Wakes the reader. The USB connection is closed again where that fails. */
  static async open(options: Uru4000Options, signal: AbortSignal): Promise<Uru4000Connection> {
    const connection = new Uru4000Connection(options);
    try {
      await connection.#wake(signal);
      return connection;
    } catch (cause) {
      await connection.close();
      throw cause;
    }
  }

  describe(): SensorDescription {
    const { model, identity } = this.#options;
    const geometry = { width: PICTURE_WIDTH, height: PICTURE_HEIGHT };
    return { model: model.name, ...identity, geometry, dpi: PICTURE_DPI };
  }

  async waitForFinger(signal: AbortSignal): Promise<'finger'> {
    const until = this.#until(signal);
    if (this.#brokenOff) {
      await this.#wake(until);
      await this.#drain(until);
      this.#brokenOff = false;
    }
    await this.#await(MODE.awaitFinger, SIGNAL.fingerOn, until);
    return 'finger';
  }

  async capture(signal: AbortSignal): Promise<Capture> {
    const until = this.#until(signal);
    this.#brokenOff = true;
    const picture = await this.#takePicture(until);
    const pixels = await this.#unscramble(picture, until);
    this.#brokenOff = false;
    if (this.#options.model.upsideDown) pixels.reverse();
    const seen = { width: PICTURE_WIDTH, height: PICTURE_HEIGHT, dpi: PICTURE_DPI, pixels };
    return { kind: 'image', image: inverted(seen) };
  }

  async waitForLift(signal: AbortSignal): Promise<void> {
    await this.#await(MODE.awaitLift, SIGNAL.fingerOff, this.#until(signal));
  }

  showLamp(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(new SensorError('sensor.closed', 'the sensor has been closed'));
    // A reader that is gone needs no switching off.
    await this.#registers.setMode(MODE.off, new AbortController().signal).catch(() => undefined);
    this.#interrupts.close();
    await this.#options.usb.close();
  }

  #until(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#closing.signal]);
  }

  async #wake(signal: AbortSignal): Promise<void> {
    const { model, clock } = this.#options;
    const parts = { registers: this.#registers, interrupts: this.#interrupts, clock };
    await powerUp({ ...parts, authenticates: model.authenticates }, signal);
    await this.#registers.read(REGISTER.deviceInfo, DEVICE_INFO_BYTES, signal);
  }

  /** Switches to a mode and waits for what it announces; what was announced before does not count. */
  async #await(mode: number, announced: number, signal: AbortSignal): Promise<void> {
    this.#interrupts.forget();
    await this.#registers.setMode(mode, signal);
    await this.#interrupts.wait(announced, signal);
  }

  async #takePicture(signal: AbortSignal): Promise<RawPicture> {
    for (let taken = 1; ; taken++)
      try {
        return parseRawPicture(await this.#readPicture(signal));
      } catch (cause) {
        const damaged = cause instanceof SensorError && cause.code === 'sensor.bad-picture';
        if (!damaged || taken === MOST_PICTURES) throw cause;
      }
  }

  /** Asks before it switches the mode: the reader sends without being told where to. */
  async #readPicture(signal: AbortSignal): Promise<Uint8Array> {
    const giveUp = new AbortController();
    const options = { signal: AbortSignal.any([signal, giveUp.signal]), timeoutMs: PICTURE_MS };
    const reading = this.#options.usb.read(PICTURE_ENDPOINT, REQUESTED_BYTES, options);
    // It may fail while the mode is being switched.
    const ended = reading.then(
      () => undefined,
      () => undefined,
    );
    try {
      await this.#registers.setMode(MODE.capture, signal);
      return await reading;
    } finally {
      giveUp.abort();
      await ended;
    }
  }

  /** The picture's bytes where the key, exchanged anew, has been taken off. */
  async #unscramble(picture: RawPicture, signal: AbortSignal): Promise<Uint8Array> {
    if (!looksScrambled(picture)) return assemble(picture);
    let number = picture.keyNumber;
    let key = await this.#exchangeKey(number, signal);
    let at = 0;
    for (const { lines, present, scrambled, changesKey, stepsKey } of picture.blocks) {
      if (changesKey) {
        number = (number + 1) & 0xff;
        key = await this.#exchangeKey(number, signal);
      }
      const length = lines * PICTURE_WIDTH;
      if (scrambled && present) key = descramble(picture.pixels.subarray(at, at + length), key);
      else if (stepsKey) key = stepKey(key, length);
      if (present) at += length;
    }
    return assemble(picture);
  }

  async #exchangeKey(number: number, signal: AbortSignal): Promise<number> {
    const index = Buffer.alloc(5);
    const seed = this.#options.seed() >>> 0;
    index.writeUInt8(number, 0);
    index.writeUInt32LE(seed, 1);
    await this.#registers.write(REGISTER.scrambleIndex, index, signal);
    const answer = await this.#registers.read(REGISTER.scrambleKey, 4, signal);
    return (Buffer.from(answer).readUInt32LE(0) ^ seed) >>> 0;
  }

  /** Reads until nothing comes any more. */
  async #drain(signal: AbortSignal): Promise<void> {
    const options = { signal, timeoutMs: DRAIN_MS };
    try {
      for (let read = 0; read < MOST_DRAINED; read++)
        await this.#options.usb.read(PICTURE_ENDPOINT, REQUESTED_BYTES, options);
    } catch (cause) {
      if (cause instanceof SensorError && cause.code === 'sensor.no-answer') return;
      throw cause;
    }
    throw new SensorError('sensor.bad-answer', 'the reader does not stop sending: plug it in again');
  }
}
