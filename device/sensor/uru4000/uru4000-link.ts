import { randomBytes } from 'node:crypto';
import { systemClock, type Clock } from '../../clock.ts';
import type { SensorDescription, SensorLink } from '../sensor.ts';
import { findReader } from '../usb/find-reader.ts';
import { openLibusb } from '../usb/libusb-bus.ts';
import type { UsbBus } from '../usb/usb-bus.ts';
import { modelOf } from './readers.ts';
import { Uru4000Connection } from './uru4000-connection.ts';

export interface Uru4000LinkOptions {
  readonly openBus: () => Promise<UsbBus>;
  readonly clock: Clock;
  readonly seed: () => number;
}

const REAL: Uru4000LinkOptions = {
  openBus: openLibusb,
  clock: systemClock,
  seed: () => randomBytes(4).readUInt32LE(0),
};

/** A place for a reader of the U.are.U 4000 family: one serial number, one USB port, or wherever the only one is. */
export class Uru4000Link implements SensorLink {
  readonly description: SensorDescription;
  readonly #target: string;
  readonly #options: Uru4000LinkOptions;

  constructor(target: string, options: Uru4000LinkOptions = REAL) {
    this.#target = target;
    this.#options = options;
    this.description = { model: 'U.are.U reader', link: `uru4000:${target}` };
  }

  async connect(signal: AbortSignal): Promise<Uru4000Connection> {
    const { openBus, clock, seed } = this.#options;
    const { device, model } = findReader(await openBus(), modelOf, this.#target, this.description.model);
    signal.throwIfAborted();
    const { serial, port } = device;
    const identity = { link: `uru4000:${port}`, ...(serial !== undefined && { serial }) };
    return Uru4000Connection.open({ usb: await device.open(), model, identity, clock, seed }, signal);
  }
}
