import {
  DEFAULT_ADDRESS,
  encodeFrame,
  FRAME_KINDS,
  LONGEST_PAYLOAD,
  OVERHEAD,
} from '../../device/sensor/grow/frame.ts';
import { Framer, type Received } from '../../device/sensor/grow/framer.ts';
import { Random } from '../../models/synthesis/random.ts';
import { mutated } from './mutation.ts';

/** Bytes of which frames are made: random streams of them are full of beginnings. */
const TELLING = [0xef, 0x01, 0xff, 0x07, 0x02, 0x08, 0x00, 0x55, 0x03, 0x0a];
const LONGEST_STREAM = 120;
const KINDS = Object.values(FRAME_KINDS);

export interface FramerFuzz {
  readonly streams: number;
  readonly bytes: number;
  /** Frames that were found though nobody sent them so: their bytes do not lie in the stream. */
  readonly invented: number;
  /** The most that was ever held back. */
  readonly mostHeld: number;
  /** Streams behind which the longest frame was not found, and those behind which the frame after it was not. */
  readonly lostFirst: number;
  readonly lostSecond: number;
}

/**
 * Feeds streams of noise and of damaged frames, cut anywhere, each followed by a longest frame and a short one. A false
 * beginning can reach over the first of them at most.
 */
export function fuzzFramer(streams: number, seed: number): FramerFuzz {
  const random = new Random(seed);
  const next = (): number => random.next();
  const framer = new Framer();
  const first = frameOf(FRAME_KINDS.data, new Uint8Array(LONGEST_PAYLOAD).fill(0x3c));
  let [bytes, invented, mostHeld, lostFirst, lostSecond] = [0, 0, 0, 0, 0];
  for (let number = 0; number < streams; number++) {
    framer.reset();
    const noise = drawStream(random, next);
    const second = frameOf(FRAME_KINDS.acknowledgement, Uint8Array.of(number >> 16, number >> 8, number));
    const stream = Buffer.concat([noise, first, second]);
    bytes += stream.length;
    const found: Received[] = [];
    for (let at = 0; at < stream.length;) {
      const length = 1 + random.below(random.chance(0.5) ? 16 : stream.length);
      found.push(...framer.push(stream.subarray(at, at + length)));
      at += length;
      mostHeld = Math.max(mostHeld, framer.pending);
      if (random.chance(0.05)) found.push(...framer.lookBehind());
    }
    const frames = found.flatMap((one) => (one.kind === 'frame' ? [Buffer.from(encodeFrame(one.frame))] : []));
    invented += frames.filter((frame) => !stream.includes(frame)).length;
    if (!frames.some((frame) => frame.equals(first))) lostFirst++;
    if (!frames.some((frame) => frame.equals(second))) lostSecond++;
  }
  return { streams, bytes, invented, mostHeld, lostFirst, lostSecond };
}

/** Less than this may be held back: one longest frame. */
export const LONGEST_FRAME = OVERHEAD + LONGEST_PAYLOAD;

function drawStream(random: Random, next: () => number): Uint8Array {
  const noise = (telling: number): Uint8Array =>
    Uint8Array.from({ length: random.below(LONGEST_STREAM) }, () =>
      random.chance(telling) ? TELLING[random.below(TELLING.length)] : random.below(256),
    );
  switch (random.below(4)) {
    case 0:
      return noise(0);
    case 1:
      return noise(0.9);
    default: {
      const frames = Array.from({ length: 1 + random.below(3) }, () =>
        frameOf(KINDS[random.below(KINDS.length)], noise(0.3).subarray(0, 40)),
      );
      return mutated(Buffer.concat(frames), next);
    }
  }
}

function frameOf(kind: (typeof KINDS)[number], payload: Uint8Array): Uint8Array {
  return encodeFrame({ address: DEFAULT_ADDRESS, kind, payload });
}
