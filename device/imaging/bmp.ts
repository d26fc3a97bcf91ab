import { checkSize } from './bounds.ts';
import type { DecodedPicture } from './decoded-picture.ts';
import { ImagingError } from './errors.ts';
import { luma } from './luma.ts';

const FILE_HEADER_BYTES = 14;
/** The oldest info header (OS/2's) has 16-bit sizes and palettes of 3 bytes a colour. */
const CORE_HEADER_BYTES = 12;
const INFO_HEADER_BYTES = 40;
const METRES_PER_INCH = 0.0254;
/** `biCompression`: plain pixels, or plain pixels whose masks are stated. */
const PLAIN = 0;
const BIT_FIELDS = 3;

/**
 * Reads an uncompressed Windows bitmap of 1, 4 or 8 bits with a palette, or of 24 or 32 bits.
 * @throws ImagingError `imaging.undecodable`, `imaging.unsupported-format`, `imaging.bad-size`
 */
export function readBmp(bytes: Uint8Array): DecodedPicture {
  try {
    return readPicture(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ImagingError('imaging.undecodable', 'the BMP image was cut short: save or copy it again', {
      cause: error,
    });
  }
}

function readPicture(view: DataView): DecodedPicture {
  const dataStart = view.getUint32(10, true);
  const headerBytes = view.getUint32(FILE_HEADER_BYTES, true);
  const core = headerBytes === CORE_HEADER_BYTES;
  if (!core && headerBytes < INFO_HEADER_BYTES)
    throw new ImagingError('imaging.undecodable', `the BMP image states a header of ${headerBytes} bytes`);
  const width = core ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = core ? view.getUint16(20, true) : view.getInt32(22, true);
  const height = Math.abs(signedHeight);
  checkSize(width, height);
  const bits = view.getUint16(core ? 24 : 28, true);
  const compression = core ? PLAIN : view.getUint32(30, true);
  const plain = compression === PLAIN || (compression === BIT_FIELDS && bits === 32);
  if (!plain || ![1, 4, 8, 24, 32].includes(bits))
    throw new ImagingError(
      'imaging.unsupported-format',
      `this BMP image has ${bits} bits a pixel in coding ${compression}: save it as 8-bit PNG or uncompressed BMP`,
    );

  const gray =
    bits > 8 ? colourAt(view, bits / 8) : paletteAt(view, FILE_HEADER_BYTES + headerBytes, core ? 3 : 4, bits);
  const rowBytes = Math.ceil((width * bits) / 32) * 4;
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = dataStart + rowBytes * (signedHeight < 0 ? y : height - 1 - y);
    for (let x = 0; x < width; x++) pixels[y * width + x] = gray(row, x);
  }
  const dpi = core ? 0 : view.getInt32(38, true) * METRES_PER_INCH;
  return { width, height, pixels, ...(dpi > 0 && { dpi }) };
}

function colourAt(view: DataView, size: number): (row: number, x: number) => number {
  return (row, x) => {
    const at = row + x * size;
    return luma(view.getUint8(at + 2), view.getUint8(at + 1), view.getUint8(at));
  };
}

function paletteAt(view: DataView, start: number, size: number, bits: number): (row: number, x: number) => number {
  const grays = Uint8Array.from({ length: 2 ** bits }, (_, index) => {
    const at = start + index * size;
    const inside = at + 3 <= view.byteLength;
    return inside ? luma(view.getUint8(at + 2), view.getUint8(at + 1), view.getUint8(at)) : 0;
  });
  const perByte = 8 / bits;
  return (row, x) => {
    const byte = view.getUint8(row + Math.floor(x / perByte));
    const shift = 8 - bits * ((x % perByte) + 1);
    return grays[(byte >> shift) & (2 ** bits - 1)] ?? 0;
  };
}
