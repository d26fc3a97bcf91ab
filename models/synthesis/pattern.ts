import { arctangent2, clamp, cosine, sine, smoothstep } from './arithmetic.ts';
import { Random } from './random.ts';

export type PatternClass =
  'left-loop' | 'right-loop' | 'whorl' | 'double-loop' | 'central-pocket' | 'arch' | 'tented-arch';

/** Natural frequencies in percent (recognition facts, section 10; the rare accidentals count among the whorls). */
const CLASS_FREQUENCIES: readonly (readonly [PatternClass, number])[] = [
  ['left-loop', 31.5],
  ['right-loop', 31.5],
  ['whorl', 25],
  ['double-loop', 4],
  ['central-pocket', 3],
  ['arch', 4],
  ['tented-arch', 1],
];

/** A point around which the ridges turn by half a turn (core) or minus half a turn (delta). */
export interface SingularPoint {
  readonly kind: 'core' | 'delta';
  readonly x: number;
  readonly y: number;
  /** Vizcaya and Gerhardt's correction of the angle around the point, radians at eight sector bounds. */
  readonly sectors: readonly number[];
}

/** How the ridges of a finger run: pixels at 500 dpi, y down, angles in the y-down sense. */
export interface Flow {
  readonly pattern: PatternClass;
  readonly width: number;
  readonly height: number;
  readonly singularPoints: readonly SingularPoint[];
  /** Direction of the ridges at a point, radians, modulo π. */
  orientationAt(x: number, y: number): number;
  /** Distance from ridge to ridge at a point, pixels. */
  periodAt(x: number, y: number): number;
}

/** Draws pattern class, singular points and ridge periods of a finger on a skin of `width` × `height` pixels. */
export function drawFlow(seed: number, width: number, height: number): Flow {
  const random = new Random(seed);
  const pattern = CLASS_FREQUENCIES[random.weighted(CLASS_FREQUENCIES.map(([, weight]) => weight))]?.[0] ?? 'whorl';
  const singularPoints = placeSingularPoints(pattern, width, height, random);
  const tilt = 0.06 * random.normal();
  const tipArch = random.between(0.55, 0.95);
  const sideArch = random.between(0.1, 0.3);
  const core = singularPoints[0] ?? { x: width / 2, y: 0.46 * height };
  const swirl = drawSwirl(pattern, random);
  const archHeight = pattern === 'arch' ? random.between(45, 85) : 0;

  const orientationAt = (x: number, y: number): number => {
    let angle = tilt;
    for (const point of singularPoints) {
      const around = arctangent2(y - point.y, x - point.x);
      angle += (point.kind === 'core' ? 0.5 : -0.5) * (around + sectorCorrection(point.sectors, around));
    }
    const distance = Math.sqrt((x - core.x) * (x - core.x) + (y - core.y) * (y - core.y));
    angle += swirl * smoothstep(170, 0, distance);
    // Towards the tip ridges follow its outline; the zero-pole model alone leaves them flat there.
    const across = clamp((x - core.x) / (0.5 * width), -1.2, 1.2);
    const up = smoothstep(0.15 * height, -0.45 * height, y - core.y);
    const down = smoothstep(0.1 * height, 0.5 * height, y - core.y);
    angle += (tipArch * up - sideArch * down) * across;
    if (archHeight > 0) {
      const above = smoothstep(0.5 * height, -0.1 * height, y - core.y);
      const slope = (archHeight * Math.PI * above * sine(Math.PI * across)) / (0.5 * width);
      angle += arctangent2(slope, 1);
    }
    return angle;
  };

  const meanPeriod = clamp(9.3 + 0.55 * random.normal(), 8, 10.8);
  const lattice = drawLattice(random);
  const periodAt = (x: number, y: number): number => {
    let factor = 1 + 0.05 * latticeAt(lattice, x / width, y / height);
    // Ridges widen towards the joint and crowd near deltas.
    factor += 0.08 * smoothstep(0.05 * height, 0.45 * height, y - core.y);
    for (const point of singularPoints)
      if (point.kind === 'delta') {
        const distance = Math.sqrt((x - point.x) * (x - point.x) + (y - point.y) * (y - point.y));
        factor -= 0.12 * smoothstep(90, 0, distance);
      }
    return clamp(meanPeriod * factor, 7, 12);
  };
  return { pattern, width, height, singularPoints, orientationAt, periodAt };
}

/** Turn of the ridges around the core, radians: it steepens a loop's legs and winds a whorl's rings into a spiral. */
function drawSwirl(pattern: PatternClass, random: Random): number {
  const amount = random.between(0.1, 0.4);
  if (pattern === 'left-loop') return -amount;
  if (pattern === 'right-loop') return amount;
  if (pattern === 'arch' || pattern === 'tented-arch') return 0;
  return random.chance(0.5) ? amount : -amount;
}

function placeSingularPoints(pattern: PatternClass, width: number, height: number, random: Random): SingularPoint[] {
  // A loop's legs run side by side below its core and turn quickly above it; `axis` points down between them.
  const at = (kind: 'core' | 'delta', x: number, y: number, axis?: number): SingularPoint => ({
    kind,
    x,
    y,
    sectors: Array.from({ length: 8 }, (_, sector) => {
      const parallel = axis === undefined ? 0 : -0.45 * sine(-Math.PI + (sector * Math.PI) / 4 - axis);
      return parallel + 0.07 * random.normal();
    }),
  });
  const x = width / 2 + 12 * random.normal();
  const y = 0.44 * height + 18 * random.normal();
  const aside = (): number => random.between(75, 118);
  const below = (): number => random.between(75, 130);
  switch (pattern) {
    case 'left-loop':
      return [at('core', x, y, 0.62 * Math.PI), at('delta', x + aside(), y + below())];
    case 'right-loop':
      return [at('core', x, y, 0.38 * Math.PI), at('delta', x - aside(), y + below())];
    case 'tented-arch':
      return [at('core', x, y + 20, 0.5 * Math.PI), at('delta', x + 5 * random.normal(), y + random.between(75, 110))];
    case 'arch':
      return [];
    case 'whorl':
    case 'double-loop':
    case 'central-pocket': {
      const apart = pattern === 'double-loop' ? random.between(45, 75) : random.between(14, 56);
      const lean =
        pattern === 'double-loop' ? random.between(0.5, 1) * (random.chance(0.5) ? 1 : -1) : 0.2 * random.normal();
      const dx = 0.5 * apart * sine(lean);
      const dy = 0.5 * apart * cosine(lean);
      const pocket = pattern === 'central-pocket' ? (random.chance(0.5) ? -1 : 1) : 0;
      return [
        at('core', x - dx, y - dy),
        at('core', x + dx, y + dy),
        at('delta', x - aside() * (pocket < 0 ? 0.5 : 1), y + dy + below() * (pocket < 0 ? 0.5 : 1)),
        at('delta', x + aside() * (pocket > 0 ? 0.5 : 1), y + dy + below() * (pocket > 0 ? 0.5 : 1)),
      ];
    }
  }
}

/** Piecewise linear in the angle around a singular point (Vizcaya and Gerhardt 1996). */
function sectorCorrection(sectors: readonly number[], angle: number): number {
  const position = (angle + Math.PI) / (Math.PI / 4);
  const sector = Math.floor(position);
  const from = sectors[sector % 8] ?? 0;
  const to = sectors[(sector + 1) % 8] ?? 0;
  return from + (to - from) * (position - sector);
}

const LATTICE_SIDE = 6;

function drawLattice(random: Random): Float64Array {
  return Float64Array.from({ length: LATTICE_SIDE * LATTICE_SIDE }, () => 2 * random.next() - 1);
}

function latticeAt(lattice: Float64Array, u: number, v: number): number {
  const x = clamp(u, 0, 0.999) * (LATTICE_SIDE - 1);
  const y = clamp(v, 0, 0.999) * (LATTICE_SIDE - 1);
  const c = Math.floor(x);
  const r = Math.floor(y);
  const tx = smoothstep(0, 1, x - c);
  const ty = smoothstep(0, 1, y - r);
  const i = r * LATTICE_SIDE + c;
  const above = lattice[i] + (lattice[i + 1] - lattice[i]) * tx;
  const under = lattice[i + LATTICE_SIDE] + (lattice[i + LATTICE_SIDE + 1] - lattice[i + LATTICE_SIDE]) * tx;
  return above + (under - above) * ty;
}
