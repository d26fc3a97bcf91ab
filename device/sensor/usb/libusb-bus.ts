import { readFileSync } from 'node:fs';
import type { Device, Endpoint } from 'usb';
import type * as Usb from 'usb';
import { SensorError } from '../errors.ts';
import type { TransferOptions, UsbBus, UsbConnection, UsbDevice } from './usb-bus.ts';

const VENDOR_IN = 0xc0;
const VENDOR_OUT = 0x40;
const SETUP_BYTES = 8;

/**
 * The USB through libusb. The library is loaded when a USB sensor is asked for, and not before: a terminal with a serial
 * module needs none.
 */
export async function openLibusb(): Promise<UsbBus> {
  const library = await import('usb');
  return {
    list: () =>
      library
        .getDeviceList()
        .filter((device) => Array.isArray(device.portNumbers))
        .map((device) => describeDevice(library, device)),
  };
}

function describeDevice(library: typeof Usb, device: Device): UsbDevice {
  const port = `${device.busNumber}-${device.portNumbers.join('.')}`;
  const serial = readSerial(port);
  return {
    vendor: device.deviceDescriptor.idVendor,
    product: device.deviceDescriptor.idProduct,
    port,
    ...(serial !== undefined && { serial }),
    open: () => openDevice(library, device, port),
  };
}

/** From the kernel, which asked for it when the device was plugged in: asking the device needs permissions. */
function readSerial(port: string): string | undefined {
  try {
    const written = readFileSync(`/sys/bus/usb/devices/${port}/serial`, 'utf8');
    const serial = written.replace(/^[\s{]+|[\s}]+$/g, '');
    return serial === '' ? undefined : serial;
  } catch {
    return undefined;
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- a failure is a rejection
async function openDevice(library: typeof Usb, device: Device, port: string): Promise<UsbConnection> {
  const { usb } = library;
  let opened = false;
  try {
    device.open();
    opened = true;
    // No kernel driver takes these readers, so there is none to detach.
    device.interface(0).claim();
    return new LibusbConnection(library, device, port);
  } catch (cause) {
    if (opened) device.close();
    switch (errnoOf(cause)) {
      case usb.LIBUSB_ERROR_ACCESS:
        throw new SensorError(
          'sensor.no-permission',
          `the reader at USB port ${port} may not be opened by this user: install the udev rules of systemd/, or run as root`,
          { cause },
        );
      case usb.LIBUSB_ERROR_BUSY:
        throw new SensorError(
          'sensor.busy',
          `the reader at USB port ${port} is used by another program: stop it (fprintd, or a second terminal)`,
          { cause },
        );
      default:
        throw new SensorError(
          'sensor.not-connected',
          `the reader at USB port ${port} cannot be opened: ${said(cause)}`,
          {
            cause,
          },
        );
    }
  }
}

class LibusbConnection implements UsbConnection {
  readonly #library: typeof Usb;
  readonly #device: Device;
  readonly #port: string;
  readonly #closing = new AbortController();
  /** Transfers that libusb has not given back yet: a device must not be closed before. */
  readonly #underWay = new Set<Promise<unknown>>();
  #closed: Promise<void> | undefined;

  constructor(library: typeof Usb, device: Device, port: string) {
    this.#library = library;
    this.#device = device;
    this.#port = port;
  }

  async controlIn(request: number, value: number, length: number, options: TransferOptions): Promise<Uint8Array> {
    const buffer = Buffer.alloc(SETUP_BYTES + length);
    writeSetup(buffer, VENDOR_IN, request, value, length);
    const actual = await this.#transfer(0, this.#library.usb.LIBUSB_TRANSFER_TYPE_CONTROL, buffer, options);
    return buffer.subarray(SETUP_BYTES, SETUP_BYTES + actual);
  }

  async controlOut(request: number, value: number, data: Uint8Array, options: TransferOptions): Promise<void> {
    const buffer = Buffer.alloc(SETUP_BYTES + data.length);
    writeSetup(buffer, VENDOR_OUT, request, value, data.length);
    buffer.set(data, SETUP_BYTES);
    const actual = await this.#transfer(0, this.#library.usb.LIBUSB_TRANSFER_TYPE_CONTROL, buffer, options);
    this.#expectWhole(actual, data.length);
  }

  async read(endpoint: number, length: number, options: TransferOptions): Promise<Uint8Array> {
    const buffer = Buffer.alloc(length);
    const actual = await this.#transfer(endpoint, this.#endpoint(endpoint).transferType, buffer, options);
    return buffer.subarray(0, actual);
  }

  async write(endpoint: number, data: Uint8Array, options: TransferOptions): Promise<void> {
    const actual = await this.#transfer(endpoint, this.#endpoint(endpoint).transferType, Buffer.from(data), options);
    this.#expectWhole(actual, data.length);
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#closing.abort(new SensorError('sensor.closed', 'the sensor has been closed'));
    await Promise.allSettled(this.#underWay);
    // A device that is gone has nothing to release.
    await this.#device
      .interface(0)
      .releaseAsync()
      .catch(() => undefined);
    this.#device.close();
  }

  #endpoint(address: number): Endpoint {
    const endpoint = this.#device.interface(0).endpoint(address);
    if (endpoint !== undefined) return endpoint;
    throw new SensorError(
      'sensor.wrong-device',
      `what hangs at USB port ${this.#port} has no endpoint 0x${address.toString(16)}: it is not the reader that its number tells`,
    );
  }

  #expectWhole(actual: number, length: number): void {
    if (actual !== length)
      throw new SensorError(
        'sensor.disconnected',
        `the reader at USB port ${this.#port} took ${actual} of ${length} bytes: plug it in again`,
      );
  }

  /** @returns how many bytes went, without the setup of a control transfer */
  async #transfer(endpoint: number, type: number, buffer: Buffer, options: TransferOptions): Promise<number> {
    const signal = AbortSignal.any([options.signal, this.#closing.signal]);
    signal.throwIfAborted();
    const transferred = new Promise<number>((resolve, reject) => {
      const transfer = new this.#library.usb.Transfer(
        this.#device,
        endpoint,
        type,
        options.timeoutMs ?? 0,
        (error: unknown, _buffer, actual) => {
          signal.removeEventListener('abort', cancel);
          if (error === undefined || error === null) resolve(actual);
          else reject(signal.aborted ? (signal.reason as Error) : this.#failure(error));
        },
      );
      const cancel = (): void => {
        transfer.cancel();
      };
      try {
        transfer.submit(buffer);
        signal.addEventListener('abort', cancel, { once: true });
      } catch (error) {
        reject(this.#failure(error));
      }
    });
    this.#underWay.add(transferred);
    try {
      return await transferred;
    } finally {
      this.#underWay.delete(transferred);
    }
  }

  #failure(cause: unknown): SensorError {
    if (errnoOf(cause) === this.#library.usb.LIBUSB_TRANSFER_TIMED_OUT)
      return new SensorError(
        'sensor.no-answer',
        `the reader at USB port ${this.#port} does not answer: plug it in again`,
        { cause },
      );
    return new SensorError(
      'sensor.disconnected',
      `the reader at USB port ${this.#port} is gone or broken (${said(cause)}): plug it in again`,
      { cause },
    );
  }
}

function writeSetup(buffer: Buffer, type: number, request: number, value: number, length: number): void {
  buffer.writeUInt8(type, 0);
  buffer.writeUInt8(request, 1);
  buffer.writeUInt16LE(value, 2);
  buffer.writeUInt16LE(0, 4);
  buffer.writeUInt16LE(length, 6);
}

function errnoOf(error: unknown): unknown {
  return error instanceof Error && 'errno' in error ? error.errno : undefined;
}

function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
