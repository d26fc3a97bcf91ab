/** Values that make lengths, counts and offsets go wrong. */
const EXTREMES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/**
 * A damaged copy of `original`: cut short, bits flipped, bytes overwritten, fields made extreme, parts removed, doubled
 * or exchanged for noise, one to four times.
 *
 * @param next gives repeatable numbers in [0, 1)
 */
export function mutated(original: Uint8Array, next: () => number): Uint8Array {
  let bytes = Buffer.from(original);
  const below = (limit: number) => Math.floor(next() * limit);
  for (let damages = 1 + below(4); damages > 0 && bytes.length > 0; damages--) {
    const at = below(bytes.length);
    const length = 1 + below(Math.min(16, bytes.length - at));
    switch (below(8)) {
      case 0:
        bytes = bytes.subarray(0, at);
        break;
      case 1:
      case 2:
        for (let flips = 1 + below(8); flips > 0; flips--) bytes[below(bytes.length)] ^= 1 << below(8);
        break;
      case 3:
        bytes[at] = below(256);
        break;
      case 4:
      case 5: {
        const size = [1, 2, 4][below(3)];
        const value = EXTREMES[below(EXTREMES.length)] % 256 ** size;
        // Headers stand in front: half of the fields are made extreme there.
        const place = below(2) === 0 ? below(Math.min(64, bytes.length)) : at;
        if (place + size > bytes.length) break;
        if (below(2) === 0) bytes.writeUIntBE(value, place, size);
        else bytes.writeUIntLE(value, place, size);
        break;
      }
      case 6:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length * below(2)), bytes.subarray(at, at + length)]); // prettier-ignore
        break;
      default:
        bytes.set(
          Array.from({ length }, () => below(256)),
          at,
        );
    }
  }
  return new Uint8Array(bytes);
}
