import { SensorError } from '../errors.ts';
import type { UsbConnection } from '../usb/usb-bus.ts';

const REQUEST = 0x04;
const ANSWER_MS = 5_000;

export const REGISTER = {
  hardwareStatus: 0x07,
  /** Key number, seed. */
  scrambleIndex: 0x33,
  scrambleKey: 0x34,
  mode: 0x4e,
  deviceInfo: 0xf0,
  response: 0x2000,
  challenge: 0x2010,
} as const;

export const MODE = { awaitFinger: 0x10, awaitLift: 0x12, capture: 0x20, off: 0x70 } as const;

export const DEVICE_INFO_BYTES = 16;

/** The reader's registers, by vendor requests over the control endpoint. */
export class Registers {
  readonly #usb: UsbConnection;

  constructor(usb: UsbConnection) {
    this.#usb = usb;
  }

  /** @throws SensorError `sensor.bad-answer` where fewer bytes came */
  async read(register: number, length: number, signal: AbortSignal): Promise<Uint8Array> {
    const bytes = await this.#usb.controlIn(REQUEST, register, length, { signal, timeoutMs: ANSWER_MS });
    if (bytes.length === length) return bytes;
    throw new SensorError(
      'sensor.bad-answer',
      `register 0x${register.toString(16)} of the reader gave ${bytes.length} of ${length} bytes`,
    );
  }

  async write(register: number, bytes: readonly number[] | Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#usb.controlOut(REQUEST, register, Uint8Array.from(bytes), { signal, timeoutMs: ANSWER_MS });
  }

  async readStatus(signal: AbortSignal): Promise<number> {
    return (await this.read(REGISTER.hardwareStatus, 1, signal))[0];
  }

  async writeStatus(status: number, signal: AbortSignal): Promise<void> {
    await this.write(REGISTER.hardwareStatus, [status], signal);
  }

  async setMode(mode: number, signal: AbortSignal): Promise<void> {
    await this.write(REGISTER.mode, [mode], signal);
  }
}
