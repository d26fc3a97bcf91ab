import { MinutiaeError } from './errors.ts';

/** Reads big-endian fields one after another; running out of bytes is a coded error. */
export class RecordReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.#bytes.length - this.#position;
  }

  /** An unsigned number of 1 to 4 bytes. */
  number(size: number): number {
    let value = 0;
    for (const byte of this.bytes(size)) value = value * 256 + byte;
    return value;
  }

  /** A view of the next bytes, not a copy. */
  bytes(size: number): Uint8Array {
    const end = this.#position + size;
    if (end > this.#bytes.length)
      throw new MinutiaeError(
        'minutiae.truncated-record',
        `the record ends after ${this.#bytes.length} bytes, in the middle of a field that reaches to ${end}: ` +
          'the file was cut short, copy it again',
      );
    const view = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return view;
  }
}

/** Writes big-endian fields one after another; a number that does not fit its field is a coded error. */
export class RecordWriter {
  readonly #bytes: number[] = [];

  get length(): number {
    return this.#bytes.length;
  }

  /** @param what names the field in the error */
  number(size: number, value: number, what: string): void {
    if (!Number.isInteger(value) || value < 0 || value >= 256 ** size)
      throw new MinutiaeError(
        'minutiae.unwritable-record',
        `${what} is ${value}, but its field holds whole numbers from 0 to ${256 ** size - 1}`,
      );
    for (let shift = size - 1; shift >= 0; shift--) this.#bytes.push(Math.floor(value / 256 ** shift) % 256);
  }

  bytes(bytes: Uint8Array): void {
    for (const byte of bytes) this.#bytes.push(byte);
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}
