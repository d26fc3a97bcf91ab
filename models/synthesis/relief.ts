import { arctangent2, cosine, sine } from './arithmetic.ts';
import { WAVE_STEP, type RidgeWave } from './growth.ts';
import { addNoise } from './noise.ts';
import type { Flow } from './pattern.ts';
import { derive, Random } from './random.ts';

/** Parts of a relief's seed. */
const EDGES = 1;
const FINE_EDGES = 2;
const WIDTHS = 3;
const PORES = 4;
const CREASES = 5;

export interface Skin {
  /** The ridges alone, without blemish: +1 on a crest, -1 in a valley. */
  readonly ridges: Float32Array;
  /** What touches a plate: `ridges` with irregular edges, pores, creases and scars. */
  readonly relief: Float32Array;
}

/** The skin's height at every pixel at 500 dpi, row by row. */
export function carveSkin(wave: RidgeWave, flow: Flow, seed: number): Skin {
  const { width, height } = flow;
  const ridges = new Float32Array(width * height);
  const phase = new Float32Array(width * height);
  unfold(wave, width, height, ridges, phase);
  const relief = ridges.slice();
  const random = new Random(seed);
  addNoise(relief, width, height, 3.2, derive(seed, EDGES), random.between(0.15, 0.38));
  addNoise(relief, width, height, 1.7, derive(seed, FINE_EDGES), random.between(0.1, 0.25));
  addNoise(relief, width, height, 14, derive(seed, WIDTHS), 0.2);
  carvePores(relief, phase, flow, new Random(derive(seed, PORES)));
  carveCreases(relief, width, height, new Random(derive(seed, CREASES)));
  return { ridges, relief };
}

/** The wave at full resolution: crest height and phase along the normal of the wave pixel to the upper left. */
function unfold(wave: RidgeWave, width: number, height: number, ridges: Float32Array, phase: Float32Array): void {
  const { real, imaginary, normalX, normalY } = wave;
  for (let y = 0; y < height; y++) {
    const row = Math.min(Math.floor(y / WAVE_STEP), wave.height - 2);
    const v = y / WAVE_STEP - row;
    for (let x = 0; x < width; x++) {
      const column = Math.min(Math.floor(x / WAVE_STEP), wave.width - 2);
      const u = x / WAVE_STEP - column;
      const i = row * wave.width + column;
      const nx = normalX[i];
      const ny = normalY[i];
      let re = 0;
      let im = 0;
      for (let corner = 0; corner < 4; corner++) {
        const j = i + (corner & 1) + (corner >> 1) * wave.width;
        const weight = ((corner & 1) === 0 ? 1 - u : u) * (corner < 2 ? 1 - v : v);
        re += weight * real[j];
        im += nx * normalX[j] + ny * normalY[j] < 0 ? -weight * imaginary[j] : weight * imaginary[j];
      }
      const modulus = Math.sqrt(re * re + im * im);
      const at = y * width + x;
      ridges[at] = modulus > 0 ? re / modulus : 0;
      phase[at] = arctangent2(im, re);
    }
  }
}

function carvePores(relief: Float32Array, phase: Float32Array, flow: Flow, random: Random): void {
  const { width, height } = flow;
  const spacing = random.between(7.5, 11);
  const depth = random.between(0.2, 1.5);
  const taken = new Set<number>();
  for (let cellY = 0; cellY < height; cellY += spacing)
    for (let cellX = 0; cellX < width; cellX += spacing) {
      const x0 = cellX + spacing * random.next();
      const y0 = cellY + spacing * random.next();
      const radius = random.between(0.9, 1.6);
      const strength = depth * random.between(0.4, 1.4);
      const aside = 0.22 * random.normal();
      if (x0 >= width - 1 || y0 >= height - 1) continue;
      // From anywhere to the nearest crest, along the normal by as much as the phase is off.
      const orientation = flow.orientationAt(x0, y0);
      const turn = orientation / Math.PI;
      const half = (turn - Math.floor(turn)) * Math.PI;
      const off = (phase[Math.floor(y0) * width + Math.floor(x0)] / (2 * Math.PI) + aside) * flow.periodAt(x0, y0);
      const px = x0 + off * sine(half);
      const py = y0 - off * cosine(half);
      const key = Math.floor(py / 6) * 4096 + Math.floor(px / 6);
      if (taken.has(key)) continue;
      taken.add(key);
      dig(relief, width, height, px, py, radius, strength);
    }
}

function dig(
  relief: Float32Array,
  width: number,
  height: number,
  x: number,
  y: number,
  radius: number,
  depth: number,
): void {
  const reach = 1.8 * radius;
  for (let r = Math.max(0, Math.ceil(y - reach)); r < height && r <= y + reach; r++)
    for (let c = Math.max(0, Math.ceil(x - reach)); c < width && c <= x + reach; c++) {
      const rest = 1 - ((c - x) * (c - x) + (r - y) * (r - y)) / (reach * reach);
      if (rest > 0) relief[r * width + c] -= depth * rest * rest;
    }
}

function carveCreases(relief: Float32Array, width: number, height: number, random: Random): void {
  const habit = random.between(-0.7, 0.7);
  const count = random.weighted([3, 3, 3, 2, 2, 1, 1, 1]);
  for (let crease = 0; crease < count; crease++) {
    const scar = random.chance(0.08);
    let heading = habit + 0.35 * random.normal() + (random.chance(0.15) ? Math.PI / 2 : 0);
    let x = width * random.between(0.15, 0.85);
    let y = height * random.between(0.25, 0.95);
    const length = random.between(25, 110);
    const girth = scar ? random.between(2.5, 4) : random.between(1, 2.3);
    const depth = random.between(0.9, 2.4);
    for (let walked = 0; walked < length; walked += 0.8) {
      const taper = Math.min(1, Math.min(walked, length - walked) / 14);
      dig(relief, width, height, x, y, girth * (0.55 + 0.45 * taper) * random.between(0.75, 1.2), 0.55 * depth * taper);
      heading += 0.03 * random.normal();
      x += 0.8 * cosine(heading);
      y += 0.8 * sine(heading);
    }
  }
}
