import { GridRows, type CellGrid } from '../imaging/cell-grid.ts';
import { smooth } from '../imaging/smoothing.ts';
import { IMAGING } from '../imaging/parameters.ts';
import { createPlane, planeLength, type Plane } from '../imaging/plane.ts';
import { startKernel, type Kernel } from '../wasm.ts';
import type { OrientationField } from './orientation-field.ts';
import { EXTRACTION } from './parameters.ts';
import type { PeriodField } from './ridge-period.ts';

interface FilterKernel extends Kernel {
  heapBase(): number;
  filter(
    source: number,
    target: number,
    width: number,
    height: number,
    stride: number,
    selection: number,
    kernels: number,
    size: number,
    shift: number,
  ): void;
}

const { size, orientations, periods, across, along } = EXTRACTION.filter;
const { shortest, longest } = EXTRACTION.period;
/** Columns of a kernel in memory: two SIMD registers of eight samples. */
const COLUMNS = 16;
/** Fixed point: a kernel answers a wave of its own orientation and period with the wave's amplitude × 2^SHIFT. */
const SHIFT = 14;
const NONE = 0xffff;
/** Number of the kernel without orientation. */
const RING = orientations * periods;
const PAGE = 65536;

/**
 * Gabor filtering with the kernel that each place's ridge orientation and period ask for (Hong, Wan and Jain 1998): keeps
 * the ridges' own wave, takes away noise, pores and breaks. Owns the kernels and the planes it filters between; one
 * instance serves any number of pictures, one at a time.
 */
export class ContextualFilter {
  readonly #kernel = startKernel(new URL('./contextual-filter.wasm', import.meta.url)) as FilterKernel;
  readonly #kernels: number;
  readonly #free: number;

  constructor() {
    this.#kernels = this.#kernel.heapBase();
    const kernelLength = size * COLUMNS;
    this.#free = this.#kernels + (orientations * periods + 1) * kernelLength * 2;
    this.#reserve(this.#free);
    const bank = new Int16Array(this.#kernel.memory.buffer, this.#kernels, (orientations * periods + 1) * kernelLength);
    bank.set(ringKernel(EXTRACTION.filter.ringPeriod), RING * kernelLength);
    for (let p = 0; p < periods; p++) {
      const period = shortest * Math.pow(longest / shortest, p / (periods - 1));
      for (let o = 0; o < orientations; o++) {
        bank.set(gaborKernel((Math.PI * o) / orientations, period), (p * orientations + o) * kernelLength);
      }
    }
  }

  /** Three zeroed planes for a picture of this size; those given before are lost. */
  open(width: number, height: number): { planes: [Plane, Plane, Plane] } {
    const length = planeLength(width, height);
    this.#reserve(this.#free + 3 * length * 2 + squares(width) * squares(height) * 2);
    const plane = (i: number): Plane => {
      const samples = new Int16Array(this.#kernel.memory.buffer, this.#free + i * length * 2, length);
      samples.fill(0);
      return createPlane(width, height, samples);
    };
    return { planes: [plane(0), plane(1), plane(2)] };
  }

  /** Keeps what has about the period of ridges, in whatever direction; for a first look at the flow. */
  filterAnyDirection(source: Plane, target: Plane, grid: CellGrid, mask: Uint8Array): void {
    const perRow = squares(source.width);
    this.#filter(source, target, (selection) => {
      for (let row = 0; row < squares(source.height); row++) {
        const maskRow = Math.floor((2 * row) / grid.cell) * grid.columns;
        for (let column = 0; column < perRow; column++) {
          selection[row * perRow + column] = mask[maskRow + Math.floor((2 * column) / grid.cell)] === 0 ? NONE : RING;
        }
      }
    });
  }

  /**
   * Filters one of this filter's planes into another. Cells outside the mask become 0.
   * @param mask on the orientation's grid
   */
  filter(source: Plane, target: Plane, orientation: OrientationField, period: PeriodField, mask: Uint8Array): void {
    this.#filter(source, target, (selection) => {
      select(selection, source.width, source.height, orientation, period, mask);
    });
  }

  #filter(source: Plane, target: Plane, choose: (selection: Uint16Array) => void): void {
    const { width, height, stride, origin } = source;
    const selectionAt = this.#free + 3 * source.samples.byteLength;
    choose(new Uint16Array(this.#kernel.memory.buffer, selectionAt, squares(width) * squares(height)));
    this.#kernel.filter(
      source.samples.byteOffset + 2 * origin,
      target.samples.byteOffset + 2 * origin,
      width,
      height,
      stride,
      selectionAt,
      this.#kernels,
      size,
      SHIFT,
    );
  }

  #reserve(bytes: number): void {
    const missing = bytes - this.#kernel.memory.buffer.byteLength;
    if (missing > 0) this.#kernel.memory.grow(Math.ceil(missing / PAGE));
  }
}

/** Kernels are chosen for squares of 2 × 2 pixels. */
function squares(pixels: number): number {
  return (pixels + 1) >> 1;
}

function select(
  selection: Uint16Array,
  width: number,
  height: number,
  orientation: OrientationField,
  period: PeriodField,
  mask: Uint8Array,
): void {
  const { grid, cosine, sine } = orientation;
  const perRow = squares(width);
  const toStep = (periods - 1) / Math.log(longest / shortest);
  const steps = period.period.map((value) => toStep * Math.log(value / shortest));
  const places = new GridRows(grid, 0.5, 2, perRow);
  const coarsePlaces = new GridRows(period.grid, 0.5, 2, perRow);
  const cosines = new Float32Array(perRow);
  const sines = new Float32Array(perRow);
  const rowSteps = new Float32Array(perRow);
  for (let row = 0; row < squares(height); row++) {
    const y = 2 * row + 0.5;
    const maskRow = Math.floor(y / grid.cell) * grid.columns;
    places.read(cosine, y, cosines);
    places.read(sine, y, sines);
    coarsePlaces.read(steps, y, rowSteps);
    for (let column = 0; column < perRow; column++) {
      const at = row * perRow + column;
      if (mask[maskRow + Math.floor((2 * column) / grid.cell)] === 0) {
        selection[at] = NONE;
        continue;
      }
      const angle = Math.atan2(sines[column], cosines[column]) / 2;
      const o = Math.round((angle * orientations) / Math.PI + orientations) % orientations;
      selection[at] = Math.round(rowSteps[column]) * orientations + o;
    }
  }
}

/** An even Gabor kernel without response to constant grey; `angle` is the ridges' (x right, y down). */
function gaborKernel(angle: number, period: number): Int16Array {
  const reach = size >> 1;
  const ux = Math.cos(angle);
  const uy = Math.sin(angle);
  const wave = new Float64Array(size * COLUMNS);
  const envelope = new Float64Array(size * COLUMNS);
  let waveSum = 0;
  let envelopeSum = 0;
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      const u = x * ux + y * uy;
      const v = (-x * uy + y * ux) / period;
      const at = (y + reach) * COLUMNS + x + reach;
      envelope[at] = Math.exp(-(u * u) / (2 * along * along * period * period) - (v * v) / (2 * across * across));
      wave[at] = envelope[at] * Math.cos(2 * Math.PI * v);
      waveSum += wave[at];
      envelopeSum += envelope[at];
    }
  }
  let answer = 0;
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      const at = (y + reach) * COLUMNS + x + reach;
      wave[at] -= (envelope[at] * waveSum) / envelopeSum;
      answer += wave[at] * Math.cos((2 * Math.PI * (-x * uy + y * ux)) / period);
    }
  }
  return Int16Array.from(wave, (value) => Math.round((value * (1 << SHIFT)) / answer));
}

/** Passes waves of every direction around one period, by the same measure as `gaborKernel`. */
function ringKernel(period: number): Int16Array {
  const sum = new Float64Array(size * COLUMNS);
  for (let o = 0; o < orientations; o++) {
    const kernel = gaborKernel((Math.PI * o) / orientations, period);
    for (let i = 0; i < sum.length; i++) sum[i] += kernel[i];
  }
  return Int16Array.from(sum, (value) => Math.round(value / orientations));
}

/** A plane's square summed over each cell, in units of `IMAGING.unit` squared. */
export function measurePower(plane: Plane, grid: CellGrid): Float32Array {
  const power = new Float32Array(grid.columns * grid.rows);
  const scale = 1 / IMAGING.unit ** 2;
  const { samples, height } = plane;
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / grid.cell) * grid.columns;
    let at = plane.origin + y * plane.stride;
    for (let column = 0; column < grid.columns; column++) {
      // The margin beyond the last column is zero.
      const a = samples[at];
      const b = samples[at + 1];
      const c = samples[at + 2];
      const d = samples[at + 3];
      power[row + column] += scale * (a * a + b * b + c * c + d * d);
      at += 4;
    }
  }
  return power;
}

/** Brings a filtered plane back to one standard deviation everywhere, so that faint ridges weigh like strong ones. */
export function controlGain(plane: Plane, grid: CellGrid, power: Float32Array): void {
  const { samples, width, height } = plane;
  const { leastPower, gainReach } = EXTRACTION.filter;
  const area = grid.cell * grid.cell;
  const gain = smooth(grid, power, gainReach / grid.cell).map(
    (value) => 1 / Math.sqrt(Math.max(leastPower, value / area)),
  );
  const limit = IMAGING.clip * IMAGING.unit;
  const places = new GridRows(grid, 0, 1, width);
  const gains = new Float32Array(width);
  for (let y = 0; y < height; y++) {
    places.read(gain, y, gains);
    const from = plane.origin + y * plane.stride;
    for (let x = 0; x < width; x++) {
      const scaled = samples[from + x] * gains[x];
      samples[from + x] = scaled > limit ? limit : scaled < -limit ? -limit : scaled;
    }
  }
}
