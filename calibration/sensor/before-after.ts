import sharp from 'sharp';
import { encodePng } from '../../device/imaging/encode.ts';
import type { GrayImage } from '../../device/imaging/gray-image.ts';
import { applyProfile } from '../../device/imaging/sensor-profile.ts';
import { STEPS, type CalibrationCaptures } from './captures.ts';
import type { SensorCalibration } from './measure-sensor.ts';

const GAP = 16;
const TITLE = 28;
const TITLES: Readonly<Record<(typeof STEPS)[number], string>> = {
  empty: 'empty plate',
  full: 'covered plate',
  target: 'ruled target',
  fingers: 'touch',
};

/**
 * One capture of each kind as the sensor gives it, dead pixels ringed, beside the same after correction; PNG. It shows a
 * fingerprint where there were touches: treat the file as one.
 */
export async function drawBeforeAfter(
  captures: CalibrationCaptures,
  { profile }: SensorCalibration,
): Promise<Uint8Array> {
  const { width, height, dead } = profile;
  const shown = STEPS.filter((step) => captures[step].length > 0);
  const row = height + TITLE + GAP;
  const rings = dead
    .filter((at) => !dead.includes(at + width))
    .map((at) => `<circle cx="${at % width}" cy="${Math.floor(at / width)}" r="6"/>`)
    .join('');
  const parts: string[] = [];
  for (const [index, step] of shown.entries()) {
    const [capture] = captures[step];
    const [top, right] = [index * row + TITLE, width + 2 * GAP];
    const corrected = applyProfile(capture, profile);
    parts.push(
      `<text x="${GAP}" y="${top - 8}">${TITLES[step]}, as it comes</text><text x="${right}" y="${top - 8}">corrected</text>`,
      await picture(capture, GAP, top),
      `<g transform="translate(${GAP} ${top})" fill="none" stroke="#d55e00" stroke-width="1.5">${rings}</g>`,
      await picture(corrected, right + profile.usable.left, top + profile.usable.top),
    );
  }
  const [whole, tall] = [2 * width + 3 * GAP, shown.length * row];
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${whole}" height="${tall}" font-family="sans-serif" font-size="15">` +
    `<rect width="${whole}" height="${tall}" fill="#ffffff"/>${parts.join('')}</svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

async function picture(image: GrayImage, left: number, top: number): Promise<string> {
  const png = Buffer.from(await encodePng(image)).toString('base64');
  return `<image x="${left}" y="${top}" width="${image.width}" height="${image.height}" href="data:image/png;base64,${png}"/>`;
}
