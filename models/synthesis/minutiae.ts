import { arctangent2, cosine, sine } from './arithmetic.ts';
import { WAVE_STEP, type RidgeWave } from './growth.ts';
import type { Flow } from './pattern.ts';
import { Random } from './random.ts';

/** A minutia known exactly; conventions of `Minutia` in `device/minutiae` (pixels at 500 dpi, y down, ISO direction). */
export interface TrueMinutia {
  readonly x: number;
  readonly y: number;
  /** Radians in [0, 2π), counter-clockwise as seen, towards the side that holds one ridge more. */
  readonly direction: number;
  readonly type: 'ending' | 'bifurcation';
}

/** Nature has about two endings to a bifurcation; the wave alone gives one to one. */
const TURNED_TO_ENDING = 1 / 3;
/** Two that face each other closer than this, in periods, are one blemish that nobody would call two minutiae. */
const DIPOLE_DISTANCE = 0.55;
/** Reach of the phase change that makes a minutia a clear ending or a clear bifurcation, in periods. */
const SHAPING_REACH = 1.2;

/**
 * The points around which the wave's phase winds: exactly there a ridge ends or forks. Each one's neighbourhood in
 * `wave` is shifted in phase so that a crest (ending) or a valley (bifurcation) lies straight ahead of it.
 * Closer to a core or delta than half a period the phase is not defined: nothing is reported there.
 */
export function shapeMinutiae(wave: RidgeWave, flow: Flow, seed: number): TrueMinutia[] {
  const random = new Random(seed);
  const found = findWindings(wave, flow);
  const kept = withoutDipoles(found, flow);
  const shift = new Float32Array(wave.width * wave.height);
  const minutiae = kept.map((winding): TrueMinutia => {
    const { x, y, aheadX, aheadY } = winding;
    const period = flow.periodAt(x * WAVE_STEP, y * WAVE_STEP) / WAVE_STEP;
    const phase = phaseNear(wave, x + 0.5 * period * aheadX, y + 0.5 * period * aheadY, winding);
    const wasEnding = cosine(phase) > 0;
    const ending = wasEnding || random.chance(TURNED_TO_ENDING);
    addShift(shift, wave, winding, period, ending ? -phase : Math.PI * (phase < 0 ? -1 : 1) - phase);
    const direction = arctangent2(-aheadY, aheadX);
    return {
      x: x * WAVE_STEP,
      y: y * WAVE_STEP,
      direction: direction < 0 ? direction + 2 * Math.PI : direction,
      type: ending ? 'ending' : 'bifurcation',
    };
  });
  turnPhases(wave, shift);
  return minutiae;
}

interface Winding {
  /** Wave pixels. */
  readonly x: number;
  readonly y: number;
  /** The normal along which the phase was followed. */
  readonly normalX: number;
  readonly normalY: number;
  /** Unit vector towards the side that holds one ridge more. */
  readonly aheadX: number;
  readonly aheadY: number;
}

function findWindings(wave: RidgeWave, flow: Flow): Winding[] {
  const { width, height, real, imaginary, normalX, normalY } = wave;
  const windings: Winding[] = [];
  const re = [0, 0, 0, 0];
  const im = [0, 0, 0, 0];
  for (let y = 0; y + 1 < height; y++)
    for (let x = 0; x + 1 < width; x++) {
      const i = y * width + x;
      const nx = normalX[i];
      const ny = normalY[i];
      // Corners in the order right, down, left: the y-down sense of rotation.
      const corners = [i, i + 1, i + width + 1, i + width];
      let upper = 0;
      for (let c = 0; c < 4; c++) {
        const j = corners[c] ?? i;
        re[c] = real[j];
        im[c] = nx * normalX[j] + ny * normalY[j] < 0 ? -imaginary[j] : imaginary[j];
        if ((im[c] ?? 0) > 0) upper++;
      }
      if (upper === 0 || upper === 4) continue;
      const sense = windingOf(re, im);
      if (sense === 0) continue;
      if (flow.singularPoints.some((p) => near(p.x, p.y, x * WAVE_STEP, y * WAVE_STEP, 0.5 * flow.periodAt(p.x, p.y))))
        continue;
      const zero = zeroOf(re, im);
      // The period is shorter, and a ridge more lies, where the winding adds to the growth of the phase.
      windings.push({
        x: x + zero.u,
        y: y + zero.v,
        normalX: nx,
        normalY: ny,
        aheadX: sense * ny,
        aheadY: -sense * nx,
      });
    }
  return windings;
}

function near(ax: number, ay: number, bx: number, by: number, distance: number): boolean {
  return (ax - bx) * (ax - bx) + (ay - by) * (ay - by) < distance * distance;
}

/** +1, 0 or -1: how often the phase turns around the four corners. */
function windingOf(re: readonly number[], im: readonly number[]): number {
  let turns = 0;
  for (let c = 0; c < 4; c++) {
    const d = (c + 1) % 4;
    const fromRe = re[c] ?? 0;
    const fromIm = im[c] ?? 0;
    const toRe = re[d] ?? 0;
    const toIm = im[d] ?? 0;
    turns += arctangent2(toIm * fromRe - toRe * fromIm, toRe * fromRe + toIm * fromIm);
  }
  return turns > Math.PI ? 1 : turns < -Math.PI ? -1 : 0;
}

/** Where the bilinear blend of the four corners vanishes, in [0, 1]². */
function zeroOf(re: readonly number[], im: readonly number[]): { u: number; v: number } {
  const [a = 0, b = 0, c = 0, d = 0] = re;
  const [e = 0, f = 0, g = 0, h = 0] = im;
  let u = 0.5;
  let v = 0.5;
  for (let step = 0; step < 8; step++) {
    const fr = a + (b - a) * u + (d - a) * v + (a - b + c - d) * u * v;
    const fi = e + (f - e) * u + (h - e) * v + (e - f + g - h) * u * v;
    const ru = b - a + (a - b + c - d) * v;
    const rv = d - a + (a - b + c - d) * u;
    const iu = f - e + (e - f + g - h) * v;
    const iv = h - e + (e - f + g - h) * u;
    const determinant = ru * iv - rv * iu;
    if (determinant === 0) break;
    u -= (fr * iv - rv * fi) / determinant;
    v -= (ru * fi - fr * iu) / determinant;
    u = u < 0 ? 0 : u > 1 ? 1 : u;
    v = v < 0 ? 0 : v > 1 ? 1 : v;
  }
  return { u, v };
}

function withoutDipoles(windings: readonly Winding[], flow: Flow): Winding[] {
  return windings.filter((a) => {
    const reach = (DIPOLE_DISTANCE * flow.periodAt(a.x * WAVE_STEP, a.y * WAVE_STEP)) / WAVE_STEP;
    return !windings.some((b) => near(a.x, a.y, b.x, b.y, reach) && a.aheadX * b.aheadX + a.aheadY * b.aheadY < 0);
  });
}

/** Phase at the wave pixel nearest to a point, followed along the winding's normal. */
function phaseNear(wave: RidgeWave, x: number, y: number, winding: Winding): number {
  const column = Math.floor(x + 0.5);
  const row = Math.floor(y + 0.5);
  if (column < 0 || row < 0 || column >= wave.width || row >= wave.height) return 0;
  const i = row * wave.width + column;
  const aligned = wave.normalX[i] * winding.normalX + wave.normalY[i] * winding.normalY >= 0;
  return arctangent2(aligned ? wave.imaginary[i] : -wave.imaginary[i], wave.real[i]);
}

function addShift(shift: Float32Array, wave: RidgeWave, winding: Winding, period: number, amount: number): void {
  const reach = SHAPING_REACH * period;
  const from = (centre: number): number => Math.max(0, Math.ceil(centre - reach));
  for (let y = from(winding.y); y < wave.height && y <= winding.y + reach; y++)
    for (let x = from(winding.x); x < wave.width && x <= winding.x + reach; x++) {
      const dx = x - winding.x;
      const dy = y - winding.y;
      const rest = 1 - (dx * dx + dy * dy) / (reach * reach);
      if (rest <= 0) continue;
      const i = y * wave.width + x;
      const aligned = wave.normalX[i] * winding.normalX + wave.normalY[i] * winding.normalY >= 0;
      shift[i] += (aligned ? amount : -amount) * rest * rest;
    }
}

function turnPhases(wave: RidgeWave, shift: Float32Array): void {
  for (let i = 0; i < shift.length; i++) {
    if (shift[i] === 0) continue;
    const c = cosine(shift[i]);
    const s = sine(shift[i]);
    const re = wave.real[i];
    wave.real[i] = re * c - wave.imaginary[i] * s;
    wave.imaginary[i] = re * s + wave.imaginary[i] * c;
  }
}
