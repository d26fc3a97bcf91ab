import { checkSize } from './bounds.ts';
import type { DecodedPicture } from './decoded-picture.ts';
import { ImagingError } from './errors.ts';

/** Netpbm's limit; above 255 a sample takes two bytes. */
const LARGEST_MAXIMUM = 65_535;

/**
 * Reads a Netpbm graymap, plain (P2) or binary (P5), of up to 16 bits.
 * @throws ImagingError `imaging.undecodable`, `imaging.bad-size`
 */
export function readPgm(bytes: Uint8Array): DecodedPicture {
  const numbers = new PgmNumbers(bytes, 2);
  const width = numbers.next();
  const height = numbers.next();
  const maximum = numbers.next();
  checkSize(width, height);
  if (maximum < 1 || maximum > LARGEST_MAXIMUM) throw damaged(`its largest gray is ${maximum}`);
  const plain = bytes[1] === 0x32; // "2"
  const sample = plain ? () => numbers.next() : binarySamples(bytes, numbers.position + 1, maximum, width * height);
  const pixels = Uint8Array.from({ length: width * height }, () =>
    Math.round((Math.min(sample(), maximum) * 255) / maximum),
  );
  return { width, height, pixels };
}

function binarySamples(bytes: Uint8Array, start: number, maximum: number, count: number): () => number {
  const size = maximum > 255 ? 2 : 1;
  const missing = start + count * size - bytes.length;
  if (missing > 0) throw damaged(`${missing} bytes are missing at its end`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let position = start;
  return () => {
    const value = size === 2 ? view.getUint16(position) : view.getUint8(position);
    position += size;
    return value;
  };
}

/** The decimal numbers of a Netpbm file, between white space and comments. */
class PgmNumbers {
  readonly #bytes: Uint8Array;
  position: number;

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.position = start;
  }

  next(): number {
    this.#skipSpace();
    const start = this.position;
    let value = 0;
    for (let digit = this.#digit(); digit !== undefined && value <= LARGEST_MAXIMUM; digit = this.#digit()) {
      value = value * 10 + digit;
      this.position++;
    }
    if (this.position === start) throw damaged(`no number stands at byte ${start}`);
    return value;
  }

  #digit(): number | undefined {
    const digit = (this.#bytes.at(this.position) ?? 0) - 0x30;
    return digit >= 0 && digit <= 9 ? digit : undefined;
  }

  #skipSpace(): void {
    for (let comment = false; this.position < this.#bytes.length; this.position++) {
      const byte = this.#bytes[this.position] ?? 0;
      const newline = byte === 0x0a || byte === 0x0d;
      if (byte === 0x23)
        comment = true; // "#"
      else if (newline) comment = false;
      else if (!comment && byte !== 0x20 && byte !== 0x09) return;
    }
  }
}

function damaged(what: string): ImagingError {
  return new ImagingError('imaging.undecodable', `the PGM image is damaged (${what}): save or copy it again`);
}
