import type { GrayImage } from '../../device/imaging/gray-image.ts';

/** The two fingers of the smallest set on which a siamese net was ever seen to stall: stripes, all scans alike. */
export type StripeFinger = 'vertical' | 'horizontal';

export const STRIPE_FINGERS: readonly StripeFinger[] = ['vertical', 'horizontal'];
export const STRIPE_SCANS = 15;

const SIDE = 160;
const STRIPE = 6;

/** A scan of a stripe finger: black and white stripes six pixels wide, 160 × 160. */
export function drawStripes(finger: StripeFinger): GrayImage {
  const pixels = new Uint8Array(SIDE * SIDE);
  for (let i = 0; i < pixels.length; i++) {
    const across = finger === 'vertical' ? i % SIDE : Math.floor(i / SIDE);
    pixels[i] = Math.floor(across / STRIPE) % 2 === 0 ? 0 : 255;
  }
  return { width: SIDE, height: SIDE, dpi: 500, pixels };
}
