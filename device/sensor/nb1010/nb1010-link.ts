import { systemClock, type Clock } from '../../clock.ts';
import type { SensorDescription, SensorLink } from '../sensor.ts';
import { findReader } from '../usb/find-reader.ts';
import { openLibusb } from '../usb/libusb-bus.ts';
import type { UsbBus } from '../usb/usb-bus.ts';
import { MODEL, Nb1010Connection } from './nb1010-connection.ts';

const VENDOR = 0x298d;
const PRODUCT = 0x1010;

export interface Nb1010LinkOptions {
  readonly openBus: () => Promise<UsbBus>;
  readonly clock: Clock;
}

/** A place for an NB-1010-U: one USB port, or wherever the only one is. */
export class Nb1010Link implements SensorLink {
  readonly description: SensorDescription;
  readonly #target: string;
  readonly #options: Nb1010LinkOptions;

  constructor(target: string, options: Nb1010LinkOptions = { openBus: openLibusb, clock: systemClock }) {
    this.#target = target;
    this.#options = options;
    this.description = { model: MODEL, link: `nb1010:${target}` };
  }

  async connect(signal: AbortSignal): Promise<Nb1010Connection> {
    const { openBus, clock } = this.#options;
    const { device } = findReader(await openBus(), nb1010, this.#target, MODEL);
    signal.throwIfAborted();
    const { serial, port } = device;
    const identity = { link: `nb1010:${port}`, ...(serial !== undefined && { serial }) };
    return new Nb1010Connection({ usb: await device.open(), identity, clock });
  }
}

export function nb1010({ vendor, product }: { readonly vendor: number; readonly product: number }): string | undefined {
  return vendor === VENDOR && product === PRODUCT ? MODEL : undefined;
}
