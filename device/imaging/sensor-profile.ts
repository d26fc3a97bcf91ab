import { ImagingError } from './errors.ts';
import type { GrayImage } from './gray-image.ts';
import { inverted, type Polarity } from './polarity.ts';

/** A part of a picture, pixels. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What calibration found out about one sensor: enough to undo it in each of its captures. */
export interface SensorProfile {
  /** Of the captures that the profile is for. */
  readonly width: number;
  readonly height: number;
  /** True resolution, whatever the sensor says of itself. */
  readonly dpi: number;
  readonly polarity: Polarity;
  /** Where skin can be seen; the rest is cut off. */
  readonly usable: Area;
  /** Gray of each pixel where nothing touches, and where skin touches everywhere; after `polarity`. */
  readonly fields?: { readonly empty: Uint8Array; readonly full: Uint8Array };
  /** Pixels that show nothing: their neighbours stand in for them. Ascending. */
  readonly dead: readonly number[];
}

/** Under so little between empty and full (gray levels) a pixel's noise would be blown up: more is not restored. */
const LEAST_RESPONSE = 16;
/** Gray levels that empty and full become: the ends of the scale are left to what exceeds them. */
const EMPTY_GRAY = 208;
const FULL_GRAY = 48;
/** How far around a dead pixel living ones are looked for, pixels. */
const FARTHEST_NEIGHBOUR = 4;

/**
 * A capture as a sensor without defects would have seen it: even in gray, no dead pixels, cut to where skin can be seen,
 * at its true resolution.
 *
 * @throws ImagingError `imaging.other-sensor` where the profile is for captures of another size
 */
export function applyProfile(image: GrayImage, profile: SensorProfile): GrayImage {
  if (image.width !== profile.width || image.height !== profile.height)
    throw new ImagingError(
      'imaging.other-sensor',
      `the capture has ${image.width} × ${image.height} pixels, but the sensor was calibrated with ${profile.width} × ${profile.height}: calibrate it anew`,
    );
  const seen = profile.polarity === 'light-ridges' ? inverted(image) : image;
  const even = profile.fields === undefined ? seen.pixels.slice() : evened(seen.pixels, profile.fields);
  replaceDead(even, profile);
  return { ...cropped(even, profile.width, profile.usable), dpi: profile.dpi };
}

function evened(pixels: Uint8Array, { empty, full }: NonNullable<SensorProfile['fields']>): Uint8Array {
  return Uint8Array.from(pixels, (gray, at) => {
    const response = Math.max(LEAST_RESPONSE, empty[at] - full[at]);
    const share = (gray - full[at]) / response;
    return Math.min(255, Math.max(0, Math.round(FULL_GRAY + (EMPTY_GRAY - FULL_GRAY) * share)));
  });
}

/** Each dead pixel becomes the mean of the nearest living ones around it. */
function replaceDead(pixels: Uint8Array, { dead, width, height }: SensorProfile): void {
  const isDead = new Set(dead);
  for (const at of dead) {
    const x = at % width;
    const y = Math.floor(at / width);
    for (let reach = 1; reach <= FARTHEST_NEIGHBOUR; reach++) {
      let sum = 0;
      let count = 0;
      for (let v = Math.max(0, y - reach); v <= Math.min(height - 1, y + reach); v++)
        for (let u = Math.max(0, x - reach); u <= Math.min(width - 1, x + reach); u++) {
          if (isDead.has(v * width + u)) continue;
          sum += pixels[v * width + u];
          count++;
        }
      if (count === 0) continue;
      pixels[at] = Math.round(sum / count);
      break;
    }
  }
}

function cropped(
  pixels: Uint8Array,
  stride: number,
  { left, top, width, height }: Area,
): { readonly width: number; readonly height: number; readonly pixels: Uint8Array } {
  const part = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = (top + y) * stride + left;
    part.set(pixels.subarray(from, from + width), y * width);
  }
  return { width, height, pixels: part };
}
