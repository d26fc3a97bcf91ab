import sharp from 'sharp';
import type { OperatingPoint } from './error-rates.ts';

/** One curve of a detection error trade-off plot. */
export interface DetCurve {
  readonly name: string;
  readonly points: readonly OperatingPoint[];
  /** The curve that the plot is about: drawn thick and dark. */
  readonly emphasis?: boolean;
  readonly dashed?: boolean;
  /** Curves of the same group share a colour. */
  readonly group: number;
}

const WIDTH = 1120;
const HEIGHT = 800;
const FRAME = { left: 96, top: 84, right: 800, bottom: 712 };
const FNMR_RANGE = [1e-3, 0.5] as const;
/** The false match rate's axis starts at the first of these that is below all that was measured. */
const FMR_STARTS = [1e-3, 1e-4, 1e-5, 1e-6] as const;
const FMR_END = 0.5;
const TICKS = [1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5] as const;
/** Told apart by people who see colours differently, too (Okabe and Ito). */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#8a7a00', '#666666'] as const;

/** Draws detection error trade-off curves (ISO/IEC 19795-1), both axes as normal deviates, as PNG bytes. */
export async function detPlot(title: string, curves: readonly DetCurve[]): Promise<Uint8Array> {
  return sharp(Buffer.from(detSvg(title, curves)), { density: 144 })
    .png({ palette: true })
    .toBuffer();
}

/** The same as SVG text. */
export function detSvg(title: string, curves: readonly DetCurve[]): string {
  let measured = 1;
  for (const { points } of curves) for (const { fmr } of points) if (fmr > 0) measured = Math.min(measured, fmr);
  const fmrRange = [FMR_STARTS.find((start) => start < measured) ?? 1e-6, FMR_END] as const;
  const x = (fmr: number): number => place(fmr, fmrRange, FRAME.left, FRAME.right);
  const y = (fnmr: number): number => place(fnmr, FNMR_RANGE, FRAME.bottom, FRAME.top);
  const verticals = ticksIn(fmrRange).map(
    (tick) =>
      `<line x1="${x(tick)}" y1="${FRAME.top}" x2="${x(tick)}" y2="${FRAME.bottom}"/>` +
      `<text class="tick" x="${x(tick)}" y="${FRAME.bottom + 22}" text-anchor="middle">${percentText(tick)}</text>`,
  );
  const horizontals = ticksIn(FNMR_RANGE).map(
    (tick) =>
      `<line x1="${FRAME.left}" y1="${y(tick)}" x2="${FRAME.right}" y2="${y(tick)}"/>` +
      `<text class="tick" x="${FRAME.left - 10}" y="${y(tick) + 5}" text-anchor="end">${percentText(tick)}</text>`,
  );
  const equalFrom = Math.max(fmrRange[0], FNMR_RANGE[0]);
  const equal = `<line class="equal" x1="${x(equalFrom)}" y1="${y(equalFrom)}" x2="${x(0.5)}" y2="${y(0.5)}"/>`;
  const paths = [...curves]
    .sort((a, b) => Number(a.emphasis ?? false) - Number(b.emphasis ?? false))
    .map((curve) => `<path d="${outline(curve.points, x, y)}" ${stroke(curve)}/>`);
  const legend = curves.map((curve, k) => {
    const top = FRAME.top + 12 + 26 * k;
    const left = FRAME.right + 24;
    return (
      `<path d="M${left} ${top}h34" ${stroke(curve)}/>` +
      `<text x="${left + 44}" y="${top + 5}"${curve.emphasis ? ' font-weight="bold"' : ''}>${escaped(curve.name)}</text>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}">`,
    '<style>text{font:15px "DejaVu Sans",Helvetica,Arial,sans-serif;fill:#222}.tick{font-size:13px;fill:#555}',
    '.title{font-size:20px;font-weight:bold}.grid line{stroke:#e2e2e2}.equal{stroke:#999;stroke-dasharray:2 5}',
    'path{fill:none;stroke-linejoin:round}</style>',
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<clipPath id="frame"><rect x="${FRAME.left}" y="${FRAME.top}" width="${FRAME.right - FRAME.left}" height="${FRAME.bottom - FRAME.top}"/></clipPath>`,
    `<text class="title" x="${FRAME.left}" y="44">${escaped(title)}</text>`,
    `<g class="grid">${verticals.join('')}${horizontals.join('')}</g>`,
    equal,
    `<g clip-path="url(#frame)">${paths.join('')}</g>`,
    `<rect x="${FRAME.left}" y="${FRAME.top}" width="${FRAME.right - FRAME.left}" height="${FRAME.bottom - FRAME.top}" fill="none" stroke="#444"/>`,
    `<text x="${(FRAME.left + FRAME.right) / 2}" y="${FRAME.bottom + 56}" text-anchor="middle">False match rate</text>`,
    `<text transform="translate(32 ${(FRAME.top + FRAME.bottom) / 2}) rotate(-90)" text-anchor="middle">False non-match rate</text>`,
    legend.join(''),
    '</svg>',
  ].join('\n');
}

function ticksIn([least, most]: readonly [number, number]): number[] {
  return TICKS.filter((tick) => tick >= least && tick <= most);
}

function place(rate: number, [least, most]: readonly [number, number], from: number, to: number): number {
  const share = (probit(rate) - probit(least)) / (probit(most) - probit(least));
  return Math.round(10 * (from + share * (to - from))) / 10;
}

/** A rate of nothing lies beyond the axis; the frame cuts it off there. */
const OFF_AXIS = 1e-7;

/** Steps, since nothing was measured between two operating points. */
function outline(points: readonly OperatingPoint[], x: (fmr: number) => number, y: (fnmr: number) => number): string {
  let path = '';
  let lastX = NaN;
  let lastY = NaN;
  for (const { fmr, fnmr } of points) {
    const atX = x(within(fmr));
    const atY = y(within(fnmr));
    if (atX === lastX && atY === lastY) continue;
    path += path === '' ? `M${atX} ${atY}` : `${atX === lastX ? '' : `H${atX}`}${atY === lastY ? '' : `V${atY}`}`;
    lastX = atX;
    lastY = atY;
  }
  return path;
}

function within(rate: number): number {
  return Math.min(Math.max(rate, OFF_AXIS), 1 - OFF_AXIS);
}

function stroke({ emphasis, dashed, group }: DetCurve): string {
  const colour = emphasis ? '#111' : COLOURS[group % COLOURS.length];
  return `stroke="${colour}" stroke-width="${emphasis ? 3 : 1.8}"${dashed ? ' stroke-dasharray="7 5"' : ''}`;
}

function percentText(rate: number): string {
  return `${Number((100 * rate).toPrecision(6))} %`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/**
 * The normal deviate of a probability in (0, 1), to 4.5e-4: finer than a plot can show.
 * Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.23.
 */
function probit(probability: number): number {
  const tail = Math.min(probability, 1 - probability);
  const t = Math.sqrt(-2 * Math.log(tail));
  const deviate = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  return probability < 0.5 ? -deviate : deviate;
}
