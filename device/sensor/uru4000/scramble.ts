/** The key's bits that make up the byte which hides a pixel: bit 0 of that byte first. */
const HIDING_BITS: readonly number[] = [4, 8, 11, 14, 18, 21, 24, 29];

/** Taps of the shift register that makes the next key. */
const TAPS = 0x9248144d;

/** The key after `count` pixels. */
export function stepKey(key: number, count: number): number {
  let k = key >>> 0;
  for (let i = 0; i < count; i++) k = next(k);
  return k;
}

/**
 * Recovers scrambled pixels in place: each one hides in the byte after its own, and the last one is lost.
 *
 * @returns the key for the pixels that follow
 */
export function descramble(pixels: Uint8Array, key: number): number {
  let k = key >>> 0;
  const last = pixels.length - 1;
  for (let i = 0; i < last; i++, k = next(k)) pixels[i] = pixels[i + 1] ^ hidingByte(k);
  if (last < 0) return k;
  pixels[last] = 0;
  return next(k);
}

/** The byte that a key hides a pixel with. */
export function hidingByte(key: number): number {
  let byte = 0;
  for (let bit = 0; bit < HIDING_BITS.length; bit++) byte |= ((key >>> HIDING_BITS[bit]) & 1) << bit;
  return byte;
}

function next(key: number): number {
  let parity = key & TAPS;
  parity ^= parity >>> 16;
  parity ^= parity >>> 8;
  parity ^= parity >>> 4;
  parity ^= parity >>> 2;
  parity ^= parity >>> 1;
  return (((parity & 1) << 31) | (key >>> 1)) >>> 0;
}
