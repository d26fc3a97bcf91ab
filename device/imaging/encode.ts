import sharp from 'sharp';
import type { GrayImage } from './gray-image.ts';

/** An 8-bit gray PNG that states the image's resolution. */
export async function encodePng(image: GrayImage): Promise<Uint8Array> {
  const { width, height, dpi, pixels } = image;
  return sharp(pixels, { raw: { width, height, channels: 1 } })
    .toColourspace('b-w')
    .withDensity(dpi)
    .png()
    .toBuffer();
}
