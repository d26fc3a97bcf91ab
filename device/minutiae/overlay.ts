import sharp from 'sharp';
import { encodePng } from '../imaging/encode.ts';
import type { GrayImage } from '../imaging/gray-image.ts';
import { DRAWING_SCALE, FONT, INK, minutiaMark, PAPER, qualityColour } from './minutia-marks.ts';
import type { Minutia, MinutiaeTemplate } from './minutia.ts';

/** Drawn pixels of the legend under a print. */
const LEGEND_HEIGHT = 56;
/** Drawn pixels that the words of the legend need. */
const LEAST_WIDTH = 560;
/** The print is paled so that the marks carry the picture. */
const PRINT_OPACITY = 0.6;

/**
 * An SVG picture of a print with its minutiae: type by shape, direction by tick, quality by colour. It shows a
 * fingerprint: treat the file as one.
 *
 * @param image at 500 dpi; without it the minutiae stand on a blank ground
 */
export async function drawMinutiae(template: MinutiaeTemplate, image?: GrayImage): Promise<string> {
  const printWidth = template.width * DRAWING_SCALE;
  const printHeight = template.height * DRAWING_SCALE;
  const width = Math.max(printWidth, LEAST_WIDTH);
  const height = printHeight + LEGEND_HEIGHT;
  const marks = template.minutiae.map((minutia) => minutiaMark(minutia, qualityColour(minutia.quality)));
  return (
    svgStart(width, height) +
    `<g transform="translate(${(width - printWidth) / 2} 0) scale(${DRAWING_SCALE})">` +
    (await printPicture(template, image)) +
    `${marks.join('')}</g>` +
    `<g transform="translate(16 ${printHeight + LEGEND_HEIGHT / 2})">${legend(template.minutiae)}</g></svg>`
  );
}

export function svgStart(width: number, height: number): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
    `<rect width="${width}" height="${height}" fill="${PAPER}"/>`
  );
}

/** The paled print in its own pixels, or a blank ground of its size. */
export async function printPicture({ width, height }: MinutiaeTemplate, image?: GrayImage): Promise<string> {
  if (image === undefined) return `<rect width="${width}" height="${height}" fill="#f3f5f7"/>`;
  const png = Buffer.from(await encodePng(image)).toString('base64');
  return (
    `<image width="${image.width}" height="${image.height}" opacity="${PRINT_OPACITY}" ` +
    `href="data:image/png;base64,${png}"/>`
  );
}

/** Draws any of these SVG pictures as PNG. */
export async function renderPng(svg: string): Promise<Uint8Array> {
  return sharp(Buffer.from(svg)).png().toBuffer();
}

function legend(minutiae: readonly Minutia[]): string {
  const counted = (type: Minutia['type']) => minutiae.filter((minutia) => minutia.type === type).length;
  const sample = (type: Minutia['type'], x: number) =>
    `<g transform="scale(${DRAWING_SCALE})">` +
    minutiaMark({ x: x / DRAWING_SCALE, y: 0, direction: Math.PI / 5, type, quality: 100 }, INK) +
    `</g>`;
  const words = (text: string, x: number) => `<text x="${x}" y="5">${text}</text>`;
  const ramp = Array.from({ length: 20 }, (_, step) => {
    const colour = qualityColour((100 * step) / 19);
    return `<rect x="${436 + step * 3.5}" y="-6" width="3.7" height="12" fill="${colour}"/>`;
  });
  return (
    `<g ${FONT} font-size="14" fill="${INK}">` +
    sample('ending', 8) +
    words(`${counted('ending')} endings`, 34) +
    sample('bifurcation', 146) +
    words(`${counted('bifurcation')} bifurcations`, 172) +
    (counted('other') > 0 ? sample('other', 292) + words(`${counted('other')} other`, 318) : '') +
    words('quality', 380) +
    `${ramp.join('')}</g>`
  );
}
