import type { GrayImage } from '../imaging/gray-image.ts';
import { DRAWING_SCALE, FONT, INK, minutiaMark } from './minutia-marks.ts';
import type { MinutiaeTemplate } from './minutia.ts';
import { printPicture, svgStart } from './overlay.ts';

/** Drawn pixels between the two prints, and of the line of words above them. */
const GAP = 40;
const HEADING_HEIGHT = 64;
const MARGIN = 16;
/** Drawn pixels that the heading needs. */
const LEAST_WIDTH = 700;

/** Minutiae that found each other, and those found only by the deformation that the others agree on. */
const MATCHED = '#0a7d76';
const REGAINED = '#c77700';
const UNMATCHED = '#9aa5b1';
/** Cells that speak for and against; the more, the less transparent. */
const FOR = '#2f6fed';
const AGAINST = '#d9480f';
const MOST_OPAQUE = 0.6;

interface Side {
  readonly template: MinutiaeTemplate;
  /** At 500 dpi; without it the minutiae stand on a blank ground. */
  readonly image?: GrayImage;
  /** What the siamese net's score rests on, where it was asked. */
  readonly cells?: readonly DrawnCell[];
}

/** A square of a print, and how much it speaks for (to 1) or against (to −1) the two being of one finger. */
export interface DrawnCell {
  /** Upper left corner and side, pixels at 500 dpi. */
  readonly x: number;
  readonly y: number;
  readonly side: number;
  readonly vote: number;
}

interface DrawnPair {
  /** Rows of the two templates' minutiae. */
  readonly probe: number;
  readonly reference: number;
  readonly regained: boolean;
}

/**
 * An SVG picture of a comparison: both prints side by side, every matched pair of minutiae joined by a line, the cells
 * that the siamese net found alike (blue) or not (orange), and the score. It shows fingerprints: treat the file as one.
 */
export async function drawPairs(
  probe: Side,
  reference: Side,
  comparison: { readonly score: number; readonly pairs: readonly DrawnPair[] },
): Promise<string> {
  const { pairs, score } = comparison;
  const drawn = (pixels: number) => pixels * DRAWING_SCALE;
  const prints = drawn(probe.template.width + reference.template.width) + GAP;
  const width = Math.max(prints, LEAST_WIDTH) + 2 * MARGIN;
  const highest = drawn(Math.max(probe.template.height, reference.template.height));
  const left = (width - prints) / 2;
  const right = left + drawn(probe.template.width) + GAP;
  const top = (side: Side) => HEADING_HEIGHT + (highest - drawn(side.template.height)) / 2;

  const lines = pairs.map((pair) => {
    const from = probe.template.minutiae[pair.probe];
    const to = reference.template.minutiae[pair.reference];
    const colour = pair.regained ? REGAINED : MATCHED;
    return (
      `<line x1="${left + drawn(from.x)}" y1="${top(probe) + drawn(from.y)}" x2="${right + drawn(to.x)}" ` +
      `y2="${top(reference) + drawn(to.y)}" stroke="${colour}" stroke-width="1.6" stroke-opacity="0.55"/>`
    );
  });
  const found = (key: 'probe' | 'reference') => new Map(pairs.map((pair) => [pair[key], pair.regained]));
  return (
    svgStart(width, highest + HEADING_HEIGHT + MARGIN) +
    heading(score, pairs, width) +
    `<g transform="translate(${left} ${top(probe)}) scale(${DRAWING_SCALE})">${await printPicture(probe.template, probe.image)}${squares(probe)}</g>` +
    `<g transform="translate(${right} ${top(reference)}) scale(${DRAWING_SCALE})">${await printPicture(reference.template, reference.image)}${squares(reference)}</g>` +
    lines.join('') +
    `<g transform="translate(${left} ${top(probe)}) scale(${DRAWING_SCALE})">${marks(probe, found('probe'))}</g>` +
    `<g transform="translate(${right} ${top(reference)}) scale(${DRAWING_SCALE})">` +
    `${marks(reference, found('reference'))}</g></svg>`
  );
}

function squares({ cells = [] }: Side): string {
  return cells
    .map(({ x, y, side, vote }) => {
      const opacity = (MOST_OPAQUE * Math.min(1, Math.abs(vote))).toFixed(2);
      return `<rect x="${x}" y="${y}" width="${side}" height="${side}" fill="${vote > 0 ? FOR : AGAINST}" fill-opacity="${opacity}"/>`;
    })
    .join('');
}

/** @param found whether a matched minutia was regained, by its row */
function marks({ template }: Side, found: ReadonlyMap<number, boolean>): string {
  const colourOf = (row: number) => {
    const regained = found.get(row);
    if (regained === undefined) return UNMATCHED;
    return regained ? REGAINED : MATCHED;
  };
  const inOrder = [...template.minutiae.keys()].sort((a, b) => Number(found.has(a)) - Number(found.has(b)));
  return inOrder.map((row) => minutiaMark(template.minutiae[row], colourOf(row))).join('');
}

function heading(score: number, pairs: readonly DrawnPair[], width: number): string {
  const regained = pairs.filter((pair) => pair.regained).length;
  const key = (x: number, colour: string, text: string) =>
    `<line x1="${x}" y1="34" x2="${x + 26}" y2="34" stroke="${colour}" stroke-width="4" stroke-linecap="round"/>` +
    `<text x="${x + 34}" y="39" font-size="15">${text}</text>`;
  return (
    `<g ${FONT} fill="${INK}"><text x="${MARGIN}" y="41" font-size="24" font-weight="bold">` +
    `score ${score.toFixed(2)}</text>` +
    key(width - 500, MATCHED, `${pairs.length - regained} matched`) +
    key(width - 340, REGAINED, `${regained} regained`) +
    key(width - 180, UNMATCHED, 'without partner') +
    `</g>`
  );
}
