import type { GrayImage } from './gray-image.ts';

export type Polarity = 'dark-ridges' | 'light-ridges';

/** Pixels at 500 dpi: half the side of the square over which contrast is taken, about one ridge period each way. */
const CONTRAST_RADIUS = 10;
/** A place shows ridges where its contrast is over this part of the image's 90th percentile. */
const RIDGE_CONTRAST = 0.35;
/** Pixels: the rim of the image that is held against the rest. */
const RIM = 4;
/** Share of the rim's sign in the evidence, beside that of the print. */
const RIM_WEIGHT = 0.5;
/** Every fourth pixel a direction is enough. */
const STRIDE = 4;
/**
 * Evidence against dark ridges that it takes to believe in light ones. Nearly all sensors give dark ridges, and
 * a window inside the print shows little of how it fades, so it takes more the less ground is in view (part of
 * the image): on six sensors' images and windows none was taken for light by mistake at these values.
 */
const DOUBT = { least: 0.2, withoutGround: 0.8, perGround: 2 };

/**
 * Tells dark ridges from light ones. A finger presses hardest in its middle and not at all beside it, so where
 * ridges are dark the print lightens outwards: evidence is the correlation of brightness with the distance from
 * the print's centre, over places with ridges, and the brightness of the image's rim. Both turn with the picture.
 */
export function polarityOf(image: GrayImage): Polarity {
  const { contrast, brightness, rim } = localStatistics(image);
  const ranked = contrast.toSorted();
  const threshold = RIDGE_CONTRAST * (ranked[Math.floor(0.9 * ranked.length)] ?? 0);
  const ground = ranked.filter((value) => value <= threshold).length / ranked.length;
  const evidence = fading(image, contrast, brightness, threshold) + RIM_WEIGHT * rim;
  const doubt = Math.max(DOUBT.least, DOUBT.withoutGround - DOUBT.perGround * ground);
  return evidence < -doubt ? 'light-ridges' : 'dark-ridges';
}

export function inverted(image: GrayImage): GrayImage {
  return { ...image, pixels: image.pixels.map((gray) => 255 - gray) };
}

interface LocalStatistics {
  /** Standard deviation of gray around each `STRIDE`th pixel, row by row. */
  readonly contrast: Float32Array;
  /** Mean gray there. */
  readonly brightness: Float32Array;
  /** How much lighter the rim is than the whole image; 1 is half the gray scale. */
  readonly rim: number;
}

function localStatistics({ width, height, pixels }: GrayImage): LocalStatistics {
  const across = width + 1;
  const sums = new Float64Array(across * (height + 1));
  const squares = new Float64Array(across * (height + 1));
  for (let y = 0; y < height; y++) {
    let sum = 0;
    let square = 0;
    for (let x = 0; x < width; x++) {
      const gray = pixels[y * width + x];
      sum += gray;
      square += gray * gray;
      sums[(y + 1) * across + x + 1] = sums[y * across + x + 1] + sum;
      squares[(y + 1) * across + x + 1] = squares[y * across + x + 1] + square;
    }
  }
  const columns = Math.ceil(width / STRIDE);
  const rows = Math.ceil(height / STRIDE);
  const contrast = new Float32Array(columns * rows);
  const brightness = new Float32Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    const top = Math.max(0, row * STRIDE - CONTRAST_RADIUS) * across;
    const bottom = Math.min(height, row * STRIDE + CONTRAST_RADIUS + 1) * across;
    for (let column = 0; column < columns; column++) {
      const left = Math.max(0, column * STRIDE - CONTRAST_RADIUS);
      const right = Math.min(width, column * STRIDE + CONTRAST_RADIUS + 1);
      const area = ((bottom - top) / across) * (right - left);
      const mean = inBox(sums, left, right, top, bottom) / area;
      brightness[row * columns + column] = mean;
      const meanSquare = inBox(squares, left, right, top, bottom) / area;
      contrast[row * columns + column] = Math.sqrt(Math.max(0, meanSquare - mean * mean));
    }
  }
  const whole = inBox(sums, 0, width, 0, height * across);
  const inner = inBox(sums, RIM, width - RIM, RIM * across, (height - RIM) * across);
  const innerArea = (width - 2 * RIM) * (height - 2 * RIM);
  const rim = ((whole - inner) / (width * height - innerArea) - whole / (width * height)) / 128;
  return { contrast, brightness, rim };
}

/** Sum of a box by its summed-area table; `top` and `bottom` are the places where those rows start. */
function inBox(table: Float64Array, left: number, right: number, top: number, bottom: number): number {
  return table[bottom + right] - table[top + right] - table[bottom + left] + table[top + left];
}

/** Correlation, −1 to 1, of brightness with the distance from the print's centre; 0 where there are no ridges. */
function fading(image: GrayImage, contrast: Float32Array, brightness: Float32Array, threshold: number): number {
  const columns = Math.ceil(image.width / STRIDE);
  let weight = 0;
  let x = 0;
  let y = 0;
  contrast.forEach((value, place) => {
    weight += value;
    x += value * (place % columns);
    y += value * Math.floor(place / columns);
  });
  let count = 0;
  let distances = 0;
  let distanceSquares = 0;
  let grays = 0;
  let graySquares = 0;
  let products = 0;
  contrast.forEach((value, place) => {
    if (value <= threshold) return;
    const distance = Math.hypot((place % columns) - x / weight, Math.floor(place / columns) - y / weight);
    const gray = brightness[place];
    count++;
    distances += distance;
    distanceSquares += distance * distance;
    grays += gray;
    graySquares += gray * gray;
    products += distance * gray;
  });
  const spread = (count * distanceSquares - distances ** 2) * (count * graySquares - grays ** 2);
  return spread > 0 ? (count * products - distances * grays) / Math.sqrt(spread) : 0;
}
