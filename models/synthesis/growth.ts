import { startKernel, type Kernel } from '../../device/wasm.ts';
import { clamp, cosine, exponential, sine } from './arithmetic.ts';
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
/** Of a kernel, which is 11 rows of 11 taps and a zero, so that a row is three SIMD vectors. */
const RADIUS = 5;
const ROWS = 2 * RADIUS + 1;
const ROW_TAPS = 12;
const TAPS = ROWS * ROW_TAPS;
/** Kernel spread across and along the ridges, in periods. */
const SPREAD_ACROSS = 0.42;
const SPREAD_ALONG = 0.5;

interface GrowthKernel extends Kernel {
  base(): number;
  grow(
    passes: number,
    width: number,
    height: number,
    pattern: number,
    kernel: number,
    even: number,
    odd: number,
    real: number,
    imaginary: number,
  ): void;
}

/**
 * Grows ridges along flows out of noise: oriented quadrature filtering, again and again until the wave is whole. Holds
 * its kernels, so that growing many fingers costs them once; one call at a time.
 */
export class RidgeGrower {
  readonly #kernel = startKernel(new URL('./growth.wasm', import.meta.url)) as GrowthKernel;
  readonly #even = this.#kernel.base();
  readonly #odd = this.#even + 4 * ORIENTATIONS * PERIODS * TAPS;
  readonly #free = this.#odd + 4 * ORIENTATIONS * PERIODS * TAPS;

  constructor() {
    this.#reserve(this.#free);
    const { buffer } = this.#kernel.memory;
    fillKernels(
      new Float32Array(buffer, this.#even, ORIENTATIONS * PERIODS * TAPS),
      new Float32Array(buffer, this.#odd, ORIENTATIONS * PERIODS * TAPS),
    );
  }

  grow(flow: Flow, seed: number, passes: number): RidgeWave {
    const width = Math.ceil(flow.width / WAVE_STEP);
    const height = Math.ceil(flow.height / WAVE_STEP);
    const size = width * height;
    const skin = (width + ROW_TAPS) * (height + 2 * RADIUS);
    const pattern = this.#free;
    const kernel = pattern + 4 * skin;
    const real = kernel + 4 * size;
    const imaginary = real + 4 * size;
    this.#reserve(imaginary + 4 * size);

    const { buffer } = this.#kernel.memory;
    const normalX = new Float32Array(size);
    const normalY = new Float32Array(size);
    chooseKernels(flow, width, height, new Int32Array(buffer, kernel, size), normalX, normalY);
    const random = new Random(seed);
    const noise = new Float32Array(buffer, pattern, skin);
    for (let i = 0; i < skin; i++) noise[i] = 2 * random.next() - 1;
    this.#kernel.grow(passes, width, height, pattern, kernel, this.#even, this.#odd, real, imaginary);
    return {
      width,
      height,
      real: new Float32Array(buffer, real, size).slice(),
      imaginary: new Float32Array(buffer, imaginary, size).slice(),
      normalX,
      normalY,
    };
  }

  #reserve(end: number): void {
    const { memory } = this.#kernel;
    if (memory.buffer.byteLength < end) memory.grow(Math.ceil((end - memory.buffer.byteLength) / 65536));
  }
}

/** The nearest kernel for each wave pixel, as a byte offset into the bank, and the normal that it follows. */
function chooseKernels(
  flow: Flow,
  width: number,
  height: number,
  kernel: Int32Array,
  normalX: Float32Array,
  normalY: Float32Array,
): void {
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const period = flow.periodAt(x * WAVE_STEP, y * WAVE_STEP) / WAVE_STEP;
      const turn = flow.orientationAt(x * WAVE_STEP, y * WAVE_STEP) / Math.PI;
      const o = Math.floor((turn - Math.floor(turn)) * ORIENTATIONS + 0.5) % ORIENTATIONS;
      const p = clamp(Math.floor((period - PERIOD_FIRST) / PERIOD_STEP + 0.5), 0, PERIODS - 1);
      normalX[i] = NORMAL_X[o];
      normalY[i] = NORMAL_Y[o];
      kernel[i] = 4 * TAPS * (o * PERIODS + p);
    }
}

const NORMAL_X = Float64Array.from({ length: ORIENTATIONS }, (_, o) => -sine((o * Math.PI) / ORIENTATIONS));
const NORMAL_Y = Float64Array.from({ length: ORIENTATIONS }, (_, o) => cosine((o * Math.PI) / ORIENTATIONS));

/** Quadrature pairs for every orientation and period; the even ones without a mean, so that plain gray gives nothing. */
function fillKernels(even: Float32Array, odd: Float32Array): void {
  const weight = new Float64Array(TAPS);
  for (let o = 0; o < ORIENTATIONS; o++) {
    const nx = NORMAL_X[o];
    const ny = NORMAL_Y[o];
    for (let p = 0; p < PERIODS; p++) {
      const period = PERIOD_FIRST + p * PERIOD_STEP;
      const base = (o * PERIODS + p) * TAPS;
      let weights = 0;
      let mean = 0;
      weight.fill(0);
      const eachTap = (visit: (tap: number, across: number, along: number) => void): void => {
        for (let r = 0; r < ROWS; r++)
          for (let c = 0; c < ROWS; c++) {
            const dx = c - RADIUS;
            const dy = r - RADIUS;
            visit(r * ROW_TAPS + c, (dx * nx + dy * ny) / period, (dx * ny - dy * nx) / period);
          }
      };
      eachTap((tap, across, along) => {
        const u = across / SPREAD_ACROSS;
        const v = along / SPREAD_ALONG;
        weight[tap] = exponential(-0.5 * (u * u + v * v));
        weights += weight[tap];
        mean += weight[tap] * cosine(2 * Math.PI * across);
      });
      eachTap((tap, across) => {
        const phase = 2 * Math.PI * across;
        even[base + tap] = (weight[tap] * (cosine(phase) - mean / weights)) / weights;
        // The response to cos(ψ + phase) is e^{iψ} times a positive number.
        odd[base + tap] = (-weight[tap] * sine(phase)) / weights;
      });
    }
  }
}
