export interface Geometry {
  readonly width: number;
  readonly height: number;
}

/**
 * Sizes of pictures that tell by their byte count alone which they are: ZFM-20, R305, R307, AS608, FPM10A; R303, R304;
 * R503.
 */
const KNOWN: readonly Geometry[] = [
  { width: 256, height: 288 },
  { width: 208, height: 288 },
  { width: 192, height: 192 },
];

/** Two pixels a byte. */
export function bytesOf({ width, height }: Geometry): number {
  return (width * height) / 2;
}

/** @returns undefined where no known module sends so many bytes */
export function geometryOf(bytes: number): Geometry | undefined {
  return KNOWN.find((geometry) => bytesOf(geometry) === bytes);
}

/** No picture of the family is larger than the image buffer of its largest. */
export const MOST_BYTES = Math.max(...KNOWN.map(bytesOf));

/** From 4 bits to 8: 0 stays 0, 15 becomes 255. */
const STEP = 17;

/** The upper four bits of two neighbouring pixels lie in a byte, the left one high. */
export function unpackPixels(bytes: Uint8Array, invert: boolean): Uint8Array {
  const pixels = new Uint8Array(2 * bytes.length);
  const flip = invert ? 0xff : 0;
  for (const [index, byte] of bytes.entries()) {
    pixels[2 * index] = ((byte >> 4) * STEP) ^ flip;
    pixels[2 * index + 1] = ((byte & 0x0f) * STEP) ^ flip;
  }
  return pixels;
}

/** As a module does it: four bits of each pixel are lost. */
export function packPixels(pixels: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(pixels.length >> 1);
  for (let i = 0; i < bytes.length; i++) bytes[i] = (pixels[2 * i] & 0xf0) | (pixels[2 * i + 1] >> 4);
  return bytes;
}
