/**
 * What travels on the wire of a GROW (ZhianTec, Synochip) module:
 *
 *     EF 01 | address u32 | kind u8 | length u16 | payload | sum u16
 *
 * all big-endian. `length` counts payload and sum; the sum is that of kind, length and payload, its carry dropped.
 *
 * @see ZFM-20 fingerprint identification module, user manual, 4.1 (data package format)
 */
export interface Frame {
  readonly address: number;
  readonly kind: FrameKind;
  readonly payload: Uint8Array;
}

export const FRAME_KINDS = { command: 0x01, data: 0x02, acknowledgement: 0x07, lastData: 0x08 } as const;

export type FrameKind = (typeof FRAME_KINDS)[keyof typeof FRAME_KINDS];

/** The address of a module that nobody gave another one. */
export const DEFAULT_ADDRESS = 0xff_ff_ff_ff;

export const START = [0xef, 0x01] as const;

/** Bytes before the payload, and of the sum behind it. */
export const HEADER_LENGTH = 9;
export const SUM_LENGTH = 2;

/** The manual says 256 in all, but a payload of 256 bytes is legal and usual. */
export const LONGEST_PAYLOAD = 256;

/** A frame's bytes beside its payload. */
export const OVERHEAD = HEADER_LENGTH + SUM_LENGTH;

const KIND_AT = 6;
const LENGTH_AT = 7;

export function encodeFrame({ address, kind, payload }: Frame): Uint8Array<ArrayBuffer> {
  if (payload.length > LONGEST_PAYLOAD) throw new RangeError(`a frame carries at most ${LONGEST_PAYLOAD} bytes`);
  const bytes = new Uint8Array(OVERHEAD + payload.length);
  const view = new DataView(bytes.buffer);
  bytes.set(START);
  view.setUint32(START.length, address);
  bytes[KIND_AT] = kind;
  view.setUint16(LENGTH_AT, payload.length + SUM_LENGTH);
  bytes.set(payload, HEADER_LENGTH);
  view.setUint16(HEADER_LENGTH + payload.length, sumOf(bytes, HEADER_LENGTH + payload.length));
  return bytes;
}

/** Whether the bytes from `at` can be a frame as far as they go; decides on the first nine at most. */
export function mayStart(bytes: Uint8Array, at: number): boolean {
  const there = bytes.length - at;
  // Most bytes of noise are done with here.
  if (bytes[at] !== START[0]) return false;
  if (there > 1 && bytes[at + 1] !== START[1]) return false;
  if (there > KIND_AT && !isKind(bytes[at + KIND_AT])) return false;
  if (there < HEADER_LENGTH) return there > 0;
  const length = lengthAt(bytes, at);
  return length >= SUM_LENGTH && length <= LONGEST_PAYLOAD + SUM_LENGTH;
}

/** The frame at `at`; `undefined` where it is not there whole, `damaged` where its sum is wrong. `mayStart` holds. */
export function decodeFrame(bytes: Uint8Array, at: number): Frame | 'damaged' | undefined {
  if (bytes.length - at < HEADER_LENGTH) return undefined;
  const end = at + HEADER_LENGTH + lengthAt(bytes, at);
  const kind = bytes[at + KIND_AT];
  if (bytes.length < end || !isKind(kind)) return undefined;
  const frame = bytes.subarray(at, end);
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  if (view.getUint16(frame.length - SUM_LENGTH) !== sumOf(frame, frame.length - SUM_LENGTH)) return 'damaged';
  // A copy: what the bytes lie in is the framer's.
  return { address: view.getUint32(START.length), kind, payload: frame.slice(HEADER_LENGTH, -SUM_LENGTH) };
}

/** Bytes of the whole frame. */
export function sizeOf({ payload }: Frame): number {
  return OVERHEAD + payload.length;
}

function lengthAt(bytes: Uint8Array, at: number): number {
  return bytes[at + LENGTH_AT] * 256 + bytes[at + LENGTH_AT + 1];
}

function isKind(byte: number): byte is FrameKind {
  return Object.values<number>(FRAME_KINDS).includes(byte);
}

/** Of everything from the kind to `end`. */
function sumOf(bytes: Uint8Array, end: number): number {
  let sum = 0;
  for (let i = KIND_AT; i < end; i++) sum += bytes[i];
  return sum & 0xff_ff;
}
