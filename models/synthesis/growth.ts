import { cosine, exponential, sine } from './arithmetic.ts';
import type { Flow } from './pattern.ts';
import { Random } from './random.ts';

/**
 * Ridges as a wave: at each point of the skin a complex number whose argument is the ridge phase (0 on a ridge's crest,
 * π in a valley's floor) and whose modulus tells how well the wave is formed there; it vanishes at minutiae. The phase
 * grows along `normal`, which is only defined up to its sign: neighbours may disagree and then hold conjugates.
 */
export interface RidgeWave {
  readonly width: number;
  readonly height: number;
  readonly real: Float32Array;
  readonly imaginary: Float32Array;
  /** Unit vectors across the ridges. */
  readonly normalX: Float32Array;
  readonly normalY: Float32Array;
}

/** Pixels at 500 dpi for each pixel of the wave: ridges are grown at 250 dpi, where a period still has 3.5 pixels. */
export const WAVE_STEP = 2;

const ORIENTATIONS = 32;
/** Ridge periods of the kernels, in wave pixels. */
const PERIOD_FIRST = 3.5;
const PERIOD_STEP = 0.25;
const PERIODS = 11;
const RADIUS = 5;
const SIDE = 2 * RADIUS + 1;
const TAPS = SIDE * SIDE;
/** Kernel spread across and along the ridges, in periods. */
const SPREAD_ACROSS = 0.42;
const SPREAD_ALONG = 0.5;

/** Grows ridges along a flow out of noise: oriented quadrature filtering, again and again until the wave is whole. */
export function growRidges(flow: Flow, seed: number, passes: number): RidgeWave {
  const width = Math.ceil(flow.width / WAVE_STEP);
  const height = Math.ceil(flow.height / WAVE_STEP);
  const size = width * height;
  const normalX = new Float32Array(size);
  const normalY = new Float32Array(size);
  const kernel = new Int32Array(size);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const orientation = flow.orientationAt(x * WAVE_STEP, y * WAVE_STEP);
      const period = flow.periodAt(x * WAVE_STEP, y * WAVE_STEP) / WAVE_STEP;
      const turn = orientation / Math.PI;
      const o = Math.floor((turn - Math.floor(turn)) * ORIENTATIONS + 0.5) % ORIENTATIONS;
      const p = Math.floor((period - PERIOD_FIRST) / PERIOD_STEP + 0.5);
      normalX[i] = -sine((o * Math.PI) / ORIENTATIONS);
      normalY[i] = cosine((o * Math.PI) / ORIENTATIONS);
      kernel[i] = (o * PERIODS + (p < 0 ? 0 : p >= PERIODS ? PERIODS - 1 : p)) * TAPS;
    }

  const random = new Random(seed);
  const stride = width + 2 * RADIUS;
  const pattern = new Float32Array(stride * (height + 2 * RADIUS));
  for (let i = 0; i < pattern.length; i++) pattern[i] = 2 * random.next() - 1;
  const real = new Float32Array(size);
  const imaginary = new Float32Array(size);
  const { even, odd } = kernels();
  for (let pass = 0; pass < passes; pass++) {
    filter(pattern, stride, width, height, kernel, even, odd, real, imaginary);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const i = y * width + x;
        const modulus = Math.sqrt(real[i] * real[i] + imaginary[i] * imaginary[i]);
        pattern[(y + RADIUS) * stride + x + RADIUS] = real[i] / (modulus + 1e-3);
      }
  }
  return { width, height, real, imaginary, normalX, normalY };
}

function filter(
  pattern: Float32Array,
  stride: number,
  width: number,
  height: number,
  kernel: Int32Array,
  even: Float32Array,
  odd: Float32Array,
  real: Float32Array,
  imaginary: Float32Array,
): void {
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let k = kernel[y * width + x];
      let re = 0;
      let im = 0;
      for (let dy = 0; dy < SIDE; dy++) {
        const row = (y + dy) * stride + x;
        for (let dx = 0; dx < SIDE; dx++, k++) {
          const value = pattern[row + dx];
          re += value * even[k];
          im += value * odd[k];
        }
      }
      real[y * width + x] = re;
      imaginary[y * width + x] = im;
    }
}

let bank: { readonly even: Float32Array; readonly odd: Float32Array } | undefined;

/** Quadrature pairs for every orientation and period; the even ones without a mean, so that plain gray gives nothing. */
function kernels(): { readonly even: Float32Array; readonly odd: Float32Array } {
  if (bank) return bank;
  const even = new Float32Array(ORIENTATIONS * PERIODS * TAPS);
  const odd = new Float32Array(ORIENTATIONS * PERIODS * TAPS);
  for (let o = 0; o < ORIENTATIONS; o++) {
    const nx = -sine((o * Math.PI) / ORIENTATIONS);
    const ny = cosine((o * Math.PI) / ORIENTATIONS);
    for (let p = 0; p < PERIODS; p++) {
      const period = PERIOD_FIRST + p * PERIOD_STEP;
      const base = (o * PERIODS + p) * TAPS;
      let weights = 0;
      let mean = 0;
      const weight = new Float64Array(TAPS);
      for (let t = 0; t < TAPS; t++) {
        const dx = (t % SIDE) - RADIUS;
        const dy = Math.floor(t / SIDE) - RADIUS;
        const across = (dx * nx + dy * ny) / period;
        const along = (dx * ny - dy * nx) / period;
        const w = exponential(
          -0.5 *
            ((across * across) / (SPREAD_ACROSS * SPREAD_ACROSS) + (along * along) / (SPREAD_ALONG * SPREAD_ALONG)),
        );
        weight[t] = w;
        weights += w;
        mean += w * cosine(2 * Math.PI * across);
      }
      for (let t = 0; t < TAPS; t++) {
        const dx = (t % SIDE) - RADIUS;
        const dy = Math.floor(t / SIDE) - RADIUS;
        const phase = (2 * Math.PI * (dx * nx + dy * ny)) / period;
        even[base + t] = (weight[t] * (cosine(phase) - mean / weights)) / weights;
        // The response to cos(ψ + phase) is e^{iψ} times a positive number.
        odd[base + t] = (-weight[t] * sine(phase)) / weights;
      }
    }
  }
  bank = { even, odd };
  return bank;
}
