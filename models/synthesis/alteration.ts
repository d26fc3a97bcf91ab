import type { GrayImage } from '../../device/imaging/gray-image.ts';
import { cosine, sine, smoothstep } from './arithmetic.ts';
import { addNoise } from './noise.ts';
import { derive, Random } from './random.ts';

/** What people do to their fingertips so as not to be recognised, as SOCOFing's altered prints show it. */
export type AlterationKind = 'obliteration' | 'central-rotation' | 'z-cut';
export type AlterationLevel = 'easy' | 'medium' | 'hard';

export const ALTERATIONS: readonly AlterationKind[] = ['obliteration', 'central-rotation', 'z-cut'];
export const ALTERATION_LEVELS: readonly AlterationLevel[] = ['easy', 'medium', 'hard'];

export interface AlteredPrint {
  readonly image: GrayImage;
  /** 1 where the print was changed, row by row. */
  readonly region: Uint8Array;
}

/** Size of the altered region as a part of the print, by level. */
const REACH: Readonly<Record<AlterationLevel, number>> = { easy: 0.17, medium: 0.24, hard: 0.32 };
const TURN: Readonly<Record<AlterationLevel, readonly [number, number]>> = {
  easy: [0.4, 0.8],
  medium: [0.8, 1.6],
  hard: [1.6, 3.1],
};

/**
 * Alters a print around its middle.
 *
 * @param mask 1 where the finger touched, as `ImpressionTruth.mask`: the middle is the middle of that
 * @param seed decides place, turn and roughness; 32 bits
 */
export function alter(
  image: GrayImage,
  mask: Uint8Array,
  kind: AlterationKind,
  level: AlterationLevel,
  seed: number,
): AlteredPrint {
  const random = new Random(seed);
  const place = locate(image, mask, REACH[level], random);
  switch (kind) {
    case 'obliteration':
      return obliterate(image, mask, place, seed);
    case 'central-rotation': {
      const [least, most] = TURN[level];
      return rotateCentre(image, mask, place, random.between(least, most) * (random.chance(0.5) ? 1 : -1));
    }
    case 'z-cut':
      return cutZ(image, mask, place, random);
  }
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

function locate({ width, height }: GrayImage, mask: Uint8Array, reach: number, random: Random): Place {
  let count = 0;
  let sumX = 0;
  let sumY = 0;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    count++;
    sumX += i % width;
    sumY += Math.floor(i / width);
  }
  const size = count === 0 ? width * height : count;
  const radius = 1.15 * reach * Math.sqrt(size);
  return {
    x: (count === 0 ? width / 2 : sumX / count) + 0.15 * radius * random.normal(),
    y: (count === 0 ? height / 2 : sumY / count) + 0.15 * radius * random.normal(),
    radius,
  };
}

/** Each pixel's gray from elsewhere in the picture; where `from` gives nothing or leads outside it stays. */
function remapped(
  image: GrayImage,
  mask: Uint8Array,
  from: (x: number, y: number) => { readonly x: number; readonly y: number } | undefined,
): AlteredPrint {
  const { width, height } = image;
  const pixels = image.pixels.slice();
  const region = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const source = mask[i] === 1 ? from(x, y) : undefined;
      if (source === undefined) continue;
      const column = Math.floor(source.x);
      const row = Math.floor(source.y);
      if (column < 0 || row < 0 || column + 1 >= width || row + 1 >= height) continue;
      const j = row * width + column;
      const u = source.x - column;
      const above = image.pixels[j] + (image.pixels[j + 1] - image.pixels[j]) * u;
      const under = image.pixels[j + width] + (image.pixels[j + width + 1] - image.pixels[j + width]) * u;
      pixels[i] = Math.floor(above + (under - above) * (source.y - row) + 0.5);
      region[i] = 1;
    }
  return { image: { ...image, pixels }, region };
}

/** A disc in the middle was cut out, turned and sewn in again. */
function rotateCentre(image: GrayImage, mask: Uint8Array, { x: cx, y: cy, radius }: Place, turn: number): AlteredPrint {
  const c = cosine(turn);
  const s = sine(turn);
  return remapped(image, mask, (x, y) => {
    const dx = x - cx;
    const dy = y - cy;
    return dx * dx + dy * dy > radius * radius ? undefined : { x: cx + c * dx + s * dy, y: cy - s * dx + c * dy };
  });
}

/** Two triangles of a Z-shaped cut changed places: each shows what lay mirrored through the middle of the Z's diagonal. */
function cutZ(image: GrayImage, mask: Uint8Array, { x: cx, y: cy, radius }: Place, random: Random): AlteredPrint {
  const heading = random.between(-0.4, 0.4);
  const c = cosine(heading);
  const s = sine(heading);
  return remapped(image, mask, (x, y) => {
    const u = c * (x - cx) + s * (y - cy);
    const v = -s * (x - cx) + c * (y - cy);
    if (u < -radius || u > radius || v < -radius || v > radius) return undefined;
    // The diagonal runs from the upper right to the lower left; what lies beside it moves across.
    const across = u + v;
    if (across > 1.1 * radius || across < -1.1 * radius) return undefined;
    const moved = across > 0 ? -0.75 * radius : 0.75 * radius;
    return { x: cx + c * (u + moved) - s * (v + moved * 0.6), y: cy + s * (u + moved) + c * (v + moved * 0.6) };
  });
}

/** Ridges were abraded or burnt away: rough tissue without direction fills a blot. */
function obliterate(image: GrayImage, mask: Uint8Array, { x: cx, y: cy, radius }: Place, seed: number): AlteredPrint {
  const { width, height } = image;
  const rim = new Float32Array(width * height);
  const tissue = new Float32Array(width * height);
  addNoise(rim, width, height, Math.max(4, radius / 3), derive(seed, 1), 0.35);
  const grain = Math.max(1.5, radius / 14);
  addNoise(tissue, width, height, grain, derive(seed, 2), 0.7);
  addNoise(tissue, width, height, 2.7 * grain, derive(seed, 3), 0.6);
  let darkest = 255;
  let lightest = 0;
  for (const gray of image.pixels) {
    if (gray < darkest) darkest = gray;
    if (gray > lightest) lightest = gray;
  }
  const pixels = image.pixels.slice();
  const region = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (mask[i] === 0) continue;
      const distance = Math.sqrt((x - cx) * (x - cx) + (y - cy) * (y - cy)) / radius + rim[i];
      const gone = 1 - smoothstep(0.85, 1, distance);
      if (gone === 0) continue;
      const rough = lightest + (darkest - lightest) * smoothstep(-0.35, 0.35, tissue[i]);
      pixels[i] = Math.floor(pixels[i] + (rough - pixels[i]) * gone + 0.5);
      region[i] = 1;
    }
  return { image: { ...image, pixels }, region };
}
