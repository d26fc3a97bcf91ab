import { SensorError } from '../errors.ts';

export const PICTURE_WIDTH = 384;
export const PICTURE_HEIGHT = 290;

const HEADER_BYTES = 64;
/** What the reader is asked for: never as many bytes come. */
export const REQUESTED_BYTES = HEADER_BYTES + PICTURE_WIDTH * PICTURE_HEIGHT;

const BLOCKS_AT = 16;
const MOST_BLOCKS = 15;

const FLAG = { notPresent: 0x01, scrambled: 0x02, keepKey: 0x04, changeKey: 0x80 } as const;

/** Variance of the column sums of two neighbouring lines, gray²: plain pictures stay far below, scrambled ones far above. */
const NOISE_OF_SCRAMBLED = 5_000;

/** Consecutive lines of one kind. */
export interface LineBlock {
  readonly lines: number;
  /** The lines take their place in the picture, but the reader did not send them. */
  readonly present: boolean;
  readonly scrambled: boolean;
  /** A key of its own begins with this block. */
  readonly changesKey: boolean;
  /** The key moves on with each pixel of this block. */
  readonly stepsKey: boolean;
}

/** What came over the bulk endpoint for one capture. */
export interface RawPicture {
  /** Number of the key that the reader scrambled with. */
  readonly keyNumber: number;
  readonly blocks: readonly LineBlock[];
  /** The lines that were sent, one after the other; some still scrambled. */
  readonly pixels: Uint8Array;
}

/**
 * Takes a capture apart.
 *
 * @throws SensorError `sensor.bad-picture` for one that was cut short or contradicts itself
 */
export function parseRawPicture(bytes: Uint8Array): RawPicture {
  if (bytes.length < HEADER_BYTES) throw damaged(`${bytes.length} bytes are no header`);
  const lines = bytes[4] | (bytes[5] << 8);
  const wanted = HEADER_BYTES + lines * PICTURE_WIDTH;
  if (lines === 0 || lines >= PICTURE_HEIGHT) throw damaged(`it announces ${lines} lines`);
  if (bytes.length < wanted) throw damaged(`${bytes.length} of ${wanted} bytes came`);
  const blocks = parseBlocks(bytes);
  const rows = (of: readonly LineBlock[]): number => of.reduce((sum, block) => sum + block.lines, 0);
  const sent = rows(blocks.filter(({ present }) => present));
  if (sent > lines || rows(blocks) > PICTURE_HEIGHT) throw damaged(`its blocks hold ${sent} of ${lines} lines`);
  return { keyNumber: bytes[6], blocks, pixels: bytes.slice(HEADER_BYTES, wanted) };
}

/** A list that ends with a block of no lines, or when it is full; garbage may follow its end. */
function parseBlocks(bytes: Uint8Array): LineBlock[] {
  const blocks: LineBlock[] = [];
  for (let at = BLOCKS_AT; blocks.length < MOST_BLOCKS && bytes[at + 1] > 0; at += 2) {
    const flags = bytes[at];
    blocks.push({
      lines: bytes[at + 1],
      present: (flags & FLAG.notPresent) === 0,
      scrambled: (flags & (FLAG.scrambled | FLAG.keepKey)) === FLAG.scrambled,
      changesKey: (flags & FLAG.changeKey) !== 0,
      stepsKey: (flags & FLAG.keepKey) === 0,
    });
  }
  return blocks;
}

/** Some readers send plain pictures whatever their blocks say: noise tells. */
export function looksScrambled({ pixels }: RawPicture): boolean {
  const sums = Float64Array.from({ length: PICTURE_WIDTH }, (_, x) => pixels[x] + (pixels.at(PICTURE_WIDTH + x) ?? 0));
  const mean = sums.reduce((sum, value) => sum + value, 0) / PICTURE_WIDTH;
  return sums.reduce((sum, value) => sum + (value - mean) ** 2, 0) / PICTURE_WIDTH >= NOISE_OF_SCRAMBLED;
}

/** The whole picture of `PICTURE_WIDTH` × `PICTURE_HEIGHT`, ridges bright as the reader sees them. A missing line repeats the one after it. */
export function assemble({ blocks, pixels }: RawPicture): Uint8Array {
  const picture = new Uint8Array(PICTURE_WIDTH * PICTURE_HEIGHT);
  let from = 0;
  let to = 0;
  for (const { lines, present } of blocks) {
    const length = lines * PICTURE_WIDTH;
    picture.set(pixels.subarray(from, from + length), to);
    if (present) from += length;
    to += length;
  }
  return picture;
}

function damaged(what: string): SensorError {
  return new SensorError('sensor.bad-picture', `the reader sent a damaged picture: ${what}`);
}
