import type { GrayImage } from '../../device/imaging/gray-image.ts';

const MM_PER_INCH = 25.4;
/** How far the true resolution may be from the claimed one. */
const RANGE = 1.25;
/** Bins a pixel of the profile across the lines. */
const FINENESS = 4;
/** Part of the picture's variance that the lines must explain: clean square lines come to 0.8, a finger to 0.1. */
const LEAST_SHARE = 0.3;
/** Angles around the first guess that are tried, radians, and how often the step is halved. */
const FIRST_TURN = 0.02;
const HALVINGS = 9;

export interface TargetMeasurement {
  /** Resolution across the lines. */
  readonly dpi: number;
  /** Direction across the lines, radians from x towards y, 0 to π. */
  readonly direction: number;
}

/**
 * The resolution at which ruled lines were seen: the frequency that explains most of the picture, to a few parts in ten
 * thousand.
 *
 * @param image with its claimed resolution
 * @param pitch from one line to the next, mm
 * @returns undefined where no such lines are to be seen
 */
export function measureTarget(image: GrayImage, pitch: number): TargetMeasurement | undefined {
  const windowed = underWindow(image);
  const claimed = MM_PER_INCH / (image.dpi * pitch);
  const range = [claimed / RANGE, claimed * RANGE] as const;
  let direction = acrossLines(image, windowed);
  let best = strongest(profileAcross(image, windowed, direction), range);
  for (let step = FIRST_TURN, halving = 0; halving < HALVINGS; halving++, step /= 2)
    for (const turned of [direction - step, direction + step]) {
      const found = strongest(profileAcross(image, windowed, turned), range);
      if (found.power > best.power) [best, direction] = [found, turned];
    }
  let weight = 0;
  let variance = 0;
  windowed.weights.forEach((w, at) => {
    weight += w;
    if (w > 0) variance += windowed.values[at] ** 2 / w;
  });
  if ((2 * best.power) / (weight * variance) < LEAST_SHARE) return undefined;
  return { dpi: MM_PER_INCH / (best.frequency * pitch), direction: ((direction % Math.PI) + Math.PI) % Math.PI };
}

interface Windowed {
  /** Hann's, 0 at the picture's rim. */
  readonly weights: Float32Array;
  /** Difference from the mean, weighted. */
  readonly values: Float32Array;
}

function underWindow({ width, height, pixels }: GrayImage): Windowed {
  const hann = (place: number, length: number): number => Math.sin((Math.PI * (place + 0.5)) / length) ** 2;
  const weights = Float32Array.from(pixels, (_, at) => hann(at % width, width) * hann(Math.floor(at / width), height));
  let weight = 0;
  let sum = 0;
  pixels.forEach((gray, at) => {
    weight += weights[at];
    sum += weights[at] * gray;
  });
  return { weights, values: Float32Array.from(pixels, (gray, at) => weights[at] * (gray - sum / weight)) };
}

/** The direction that most of the gradients point along. */
function acrossLines({ width, height, pixels }: GrayImage, { weights }: Windowed): number {
  let difference = 0;
  let product = 0;
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      const dx = pixels[at + 1] - pixels[at - 1];
      const dy = pixels[at + width] - pixels[at - width];
      difference += weights[at] * (dx * dx - dy * dy);
      product += weights[at] * 2 * dx * dy;
    }
  return 0.5 * Math.atan2(product, difference);
}

/** The picture summed up along lines across `direction`, one value each 1/`FINENESS` pixel. */
function profileAcross({ width, height }: GrayImage, { values }: Windowed, direction: number): Float64Array {
  const [c, s] = [Math.cos(direction), Math.sin(direction)];
  const start = Math.min(0, c * width) + Math.min(0, s * height);
  const profile = new Float64Array(Math.ceil(FINENESS * (Math.abs(c) * width + Math.abs(s) * height)) + 2);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const place = FINENESS * (c * x + s * y - start);
      const bin = Math.floor(place);
      const part = place - bin;
      const value = values[y * width + x];
      profile[bin] += (1 - part) * value;
      profile[bin + 1] += part * value;
    }
  return profile;
}

/** The strongest frequency in the range, cycles a pixel. */
function strongest(
  profile: Float64Array,
  [least, most]: readonly [number, number],
): { readonly frequency: number; readonly power: number } {
  const power = (frequency: number): number => {
    const [turnC, turnS] = [Math.cos, Math.sin].map((f) => f((2 * Math.PI * frequency) / FINENESS));
    let [c, s, re, im] = [1, 0, 0, 0];
    for (const value of profile) {
      re += value * c;
      im += value * s;
      [c, s] = [c * turnC - s * turnS, c * turnS + s * turnC];
    }
    return re * re + im * im;
  };
  const step = (0.25 * FINENESS) / profile.length;
  let frequency = least;
  let strength = power(least);
  for (let f = least + step; f <= most; f += step) {
    const here = power(f);
    if (here > strength) [frequency, strength] = [f, here];
  }
  for (let narrow = step / 2; narrow > 1e-5 * frequency; narrow /= 2)
    for (const f of [frequency - narrow, frequency + narrow]) {
      const here = power(f);
      if (here > strength) [frequency, strength] = [f, here];
    }
  return { frequency, power: strength };
}
