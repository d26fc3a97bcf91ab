import { PACKET_SIZES } from './instructions.ts';

/** What `readParameters` tells. */
export interface ModuleParameters {
  readonly system: number;
  /** Templates that fit in. */
  readonly capacity: number;
  readonly address: number;
  /** Bytes of image in a data frame. */
  readonly packetSize: number;
  /** Multiple of 9600 baud that holds after the next power-on, and usually now. */
  readonly baudMultiple: number;
}

const PARAMETERS_LENGTH = 16;

/** @returns undefined for an answer that is none */
export function decodeParameters(bytes: Uint8Array): ModuleParameters | undefined {
  if (bytes.length < PARAMETERS_LENGTH) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const packetSize = PACKET_SIZES.at(view.getUint16(12)) ?? 128;
  return {
    system: view.getUint16(2),
    capacity: view.getUint16(4),
    address: view.getUint32(8),
    packetSize,
    baudMultiple: view.getUint16(14),
  };
}

export function encodeParameters(parameters: ModuleParameters): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(PARAMETERS_LENGTH);
  const view = new DataView(bytes.buffer);
  view.setUint16(2, parameters.system);
  view.setUint16(4, parameters.capacity);
  view.setUint16(6, 3);
  view.setUint32(8, parameters.address);
  view.setUint16(
    12,
    PACKET_SIZES.findIndex((size) => size === parameters.packetSize),
  );
  view.setUint16(14, parameters.baudMultiple);
  return bytes;
}

/** What `readProductInfo` tells; only modules of the R503 kind have it. */
export interface ProductInfo {
  readonly model: string;
  readonly batch: string;
  readonly serial: string;
  readonly hardware: string;
  readonly sensor: string;
  readonly width: number;
  readonly height: number;
}

/** Offsets and lengths of the texts, then of two numbers of two bytes. */
const MODEL = [0, 16] as const;
const BATCH = [16, 4] as const;
const SERIAL = [20, 8] as const;
const HARDWARE_AT = 28;
const SENSOR = [30, 8] as const;
const WIDTH_AT = 38;
const HEIGHT_AT = 40;
const PRODUCT_LENGTH = 46;

/** @returns undefined for an answer that is none, or is cut short (seen in the field) */
export function decodeProductInfo(bytes: Uint8Array): ProductInfo | undefined {
  if (bytes.length < PRODUCT_LENGTH) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const text = ([at, length]: readonly [number, number]): string =>
    String.fromCharCode(...bytes.subarray(at, at + length))
      .replace(/[^\x20-\x7e].*$/s, '')
      .trim();
  const info = {
    model: text(MODEL),
    batch: text(BATCH),
    serial: text(SERIAL),
    hardware: `${bytes[HARDWARE_AT]}.${bytes[HARDWARE_AT + 1]}`,
    sensor: text(SENSOR),
    width: view.getUint16(WIDTH_AT),
    height: view.getUint16(HEIGHT_AT),
  };
  const plausible = info.model !== '' && [info.width, info.height].every((side) => side >= 32 && side <= 1024);
  return plausible ? info : undefined;
}

export function encodeProductInfo(info: ProductInfo): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(PRODUCT_LENGTH);
  const view = new DataView(bytes.buffer);
  const put = (text: string, [at, length]: readonly [number, number]): void => {
    bytes.set(Buffer.from(text, 'latin1').subarray(0, length), at);
  };
  put(info.model, MODEL);
  put(info.batch, BATCH);
  put(info.serial, SERIAL);
  const [major, minor] = info.hardware.split('.').map(Number);
  bytes.set([major, minor], HARDWARE_AT);
  put(info.sensor, SENSOR);
  view.setUint16(WIDTH_AT, info.width);
  view.setUint16(HEIGHT_AT, info.height);
  return bytes;
}
