import type { Minutia } from './minutia.ts';

/** Drawn pixels of one pixel of the print, so that marks stay crisp. */
export const DRAWING_SCALE = 2;
/** Pixels of the print at 500 dpi. */
const MARK_RADIUS = 3.2;
const TICK_LENGTH = 10;

/** Colours of quality 0, 50 and 100: orange, gold and teal, told apart by colour-blind people too. */
const QUALITY_COLOURS: readonly (readonly [red: number, green: number, blue: number])[] = [
  [217, 72, 15],
  [230, 165, 10],
  [0, 138, 130],
];

export const INK = '#1d2733';
export const PAPER = '#ffffff';
export const FONT = 'font-family="DejaVu Sans, Helvetica, Arial, sans-serif"';

/** SVG colour of a minutia's quality, 0 to 100. */
export function qualityColour(quality: number): string {
  const position = Math.min(1, Math.max(0, quality / 100)) * (QUALITY_COLOURS.length - 1);
  const from = Math.min(QUALITY_COLOURS.length - 2, Math.floor(position));
  const channels = QUALITY_COLOURS[from].map((channel, index) =>
    Math.round(channel + (QUALITY_COLOURS[from + 1][index] - channel) * (position - from)),
  );
  return `rgb(${channels.join(',')})`;
}

/**
 * SVG of one minutia in the print's pixels: a ring for an ending, a diamond for a bifurcation, a square for others,
 * each with a tick in its direction, white underneath so that it stands out on ridges.
 */
export function minutiaMark({ x, y, direction, type }: Minutia, colour: string): string {
  const r = MARK_RADIUS;
  const cos = Math.cos(direction);
  const sin = Math.sin(direction);
  const at = (distance: number) => `${round(x + distance * cos)} ${round(y - distance * sin)}`;
  const tick = `<path d="M${at(r)}L${at(TICK_LENGTH)}"/>`;
  const d = r * 1.35;
  const body = {
    ending: `<circle cx="${round(x)}" cy="${round(y)}" r="${r}"/>`,
    bifurcation: `<path d="M${round(x)} ${round(y - d)}l${d} ${d}l${-d} ${d}l${-d} ${-d}z"/>`,
    other: `<rect x="${round(x - r)}" y="${round(y - r)}" width="${2 * r}" height="${2 * r}"/>`,
  }[type];
  const shape = body + tick;
  return (
    `<g fill="none" stroke-linecap="round" stroke-linejoin="round">` +
    `<g stroke="${PAPER}" stroke-width="3" stroke-opacity="0.85">${shape}</g>` +
    `<g stroke="${colour}" stroke-width="1.5">${shape}</g></g>`
  );
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
