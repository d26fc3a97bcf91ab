import type { GrayImage } from '../../device/imaging/gray-image.ts';
import { addNoise } from './noise.ts';
import { derive, Random } from './random.ts';
import type { SensorModel } from './sensors.ts';

/** Part of a sensor unit's seed, and rows of a swept sensor's slices. */
const UNIT = 0x5e4504;
const SLICE_ROWS = 8;

/** Turns contact (`ink` 0…1 at 500 dpi) into what the sensor sends, with its blur, grays, patterns and noise. */
export function exposeSensor(
  ink: Float32Array,
  mask: Uint8Array,
  width: number,
  height: number,
  sensor: SensorModel,
  random: Random,
  unit: number,
): GrayImage {
  const { look } = sensor;
  for (let pass = 0; pass < look.blur; pass++) blur(ink, width, height);
  const ridge = random.between(look.ridge[0], look.ridge[1]);
  const haze = random.between(look.haze[0], look.haze[1]);
  const plate = random.between(look.plate[0], look.plate[1]);
  const under = look.swept ? nearContact(ink, width, height) : softened(mask, width, height);

  const light = new Float32Array(width * height);
  addNoise(light, width, height, 70, derive(UNIT, unit), look.shading);
  addNoise(light, width, height, 110, random.bits(), 0.6 * look.shading);
  const columns = new Float32Array(width);
  addNoise(columns, width, 1, 1.3, derive(UNIT + 1, unit), look.columnPattern);
  const gray = new Float32Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const empty = plate - haze * under[i] + light[i] + columns[x];
      gray[i] = empty + (ridge - empty) * ink[i];
    }
  const swept = look.swept ? sweep(gray, width, height, random) : gray;
  const scaled = downsample(swept, width, height, sensor.width, sensor.height);
  addPattern(scaled, random, unit, look.pixelPattern, look.grain);
  return { width: sensor.width, height: sensor.height, dpi: sensor.dpi, pixels: quantised(scaled, sensor.levels) };
}

/** 3 × 3 binomial blur in place; the rim keeps its values. */
function blur(values: Float32Array, width: number, height: number): void {
  for (let y = 0; y < height; y++) {
    const row = y * width;
    let left = values[row];
    for (let x = 1; x + 1 < width; x++) {
      const here = values[row + x];
      values[row + x] = 0.25 * left + 0.5 * here + 0.25 * values[row + x + 1];
      left = here;
    }
  }
  const above = values.slice(0, width);
  for (let y = 1; y + 1 < height; y++) {
    const row = y * width;
    for (let x = 0; x < width; x++) {
      const here = values[row + x];
      values[row + x] = 0.25 * above[x] + 0.5 * here + 0.25 * values[row + width + x];
      above[x] = here;
    }
  }
}

/** 0…1: under the finger, with a soft rim. */
function softened(mask: Uint8Array, width: number, height: number): Float32Array {
  const under = Float32Array.from(mask);
  for (let pass = 0; pass < 4; pass++) blur(under, width, height);
  return under;
}

/** Reach of a ridge's warmth on a thermal sensor, pixels. */
const WARM_REACH = 8;

/** 0…1: how near ridges touch. */
function nearContact(ink: Float32Array, width: number, height: number): Float32Array {
  const across = new Float32Array(ink.length);
  const out = new Float32Array(ink.length);
  for (let y = 0; y < height; y++) slide(ink, across, y * width, 1, width);
  for (let x = 0; x < width; x++) slide(across, out, x, width, height);
  for (let i = 0; i < out.length; i++) out[i] = Math.min(1, 3.2 * out[i]);
  return out;
}

/** Mean over a sliding window along one line; nothing lies beyond its ends. */
function slide(from: Float32Array, to: Float32Array, start: number, step: number, count: number): void {
  let sum = 0;
  for (let i = -WARM_REACH; i < count; i++) {
    const entering = i + WARM_REACH;
    const leaving = i - WARM_REACH - 1;
    if (entering < count) sum += from[start + entering * step];
    if (leaving >= 0) sum -= from[start + leaving * step];
    if (i >= 0) to[start + i * step] = sum / (2 * WARM_REACH + 1);
  }
}

/** Slices shifted sideways by a walk of the hand: they do not quite meet. */
function sweep(gray: Float32Array, width: number, height: number, random: Random): Float32Array {
  const out = new Float32Array(gray.length);
  let aside = 0;
  for (let top = 0; top < height; top += SLICE_ROWS) {
    aside = 0.8 * aside + 0.35 * random.normal();
    const whole = Math.floor(aside);
    const part = aside - whole;
    for (let y = top; y < Math.min(height, top + SLICE_ROWS); y++)
      for (let x = 0; x < width; x++) {
        const from = Math.min(width - 1, Math.max(0, x + whole));
        const a = gray[y * width + from];
        out[y * width + x] = a + (gray[y * width + Math.min(width - 1, from + 1)] - a) * part;
      }
  }
  return out;
}

/** Area average to the sensor's own pixels. */
function downsample(
  gray: Float32Array,
  width: number,
  height: number,
  toWidth: number,
  toHeight: number,
): Float32Array {
  if (width === toWidth && height === toHeight) return gray;
  const out = new Float32Array(toWidth * toHeight);
  for (let y = 0; y < toHeight; y++)
    for (let x = 0; x < toWidth; x++) {
      const x0 = Math.floor((x * width) / toWidth);
      const x1 = Math.max(x0 + 1, Math.floor(((x + 1) * width) / toWidth));
      const y0 = Math.floor((y * height) / toHeight);
      const y1 = Math.max(y0 + 1, Math.floor(((y + 1) * height) / toHeight));
      let sum = 0;
      for (let v = y0; v < y1; v++) for (let u = x0; u < x1; u++) sum += gray[v * width + u];
      out[y * toWidth + x] = sum / ((x1 - x0) * (y1 - y0));
    }
  return out;
}

function addPattern(gray: Float32Array, random: Random, unit: number, pattern: number, grain: number): void {
  const fixed = new Random(derive(UNIT + 2, unit));
  for (let i = 0; i < gray.length; i++) {
    const bits = random.bits();
    const triangular = (bits >>> 16) / 65536 + (bits & 0xffff) / 65536 - 1;
    gray[i] += 1.6 * grain * triangular + pattern * (2 * fixed.next() - 1);
  }
}

function quantised(gray: Float32Array, levels: 16 | 256): Uint8Array {
  const pixels = new Uint8Array(gray.length);
  const step = 255 / (levels - 1);
  for (let i = 0; i < gray.length; i++) {
    const level = Math.floor(gray[i] / step + 0.5);
    pixels[i] = step * (level < 0 ? 0 : level >= levels ? levels - 1 : level);
  }
  return pixels;
}
