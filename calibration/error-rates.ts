/**
 * Comparisons of prints as columns of equal length: the score (larger means more alike) and the fingers of reference
 * and probe as small integers. The comparison is genuine where both are the same finger, else an impostor's.
 */
export interface Comparisons {
  readonly scores: Float64Array;
  readonly references: Uint32Array;
  readonly probes: Uint32Array;
}

/** One operating point: everything that scores at least `threshold` counts as a match. Rates are fractions. */
export interface OperatingPoint {
  readonly threshold: number;
  readonly fmr: number;
  readonly fnmr: number;
}

/** Error rates as fractions from 0 to 1; NaN where there are no genuine or no impostor comparisons. */
export interface ErrorRates {
  readonly genuine: number;
  readonly impostor: number;
  /**
   * Mean of FMR and FNMR at the threshold where they are closest: the convention of the peers' rates, checked by
   * scoring fvc2002-db1 with SourceAFIS 3.18.1 anew (3.20 / 3.21 / 5.71 / 6.07 %, as in their table).
   */
  readonly eer: number;
  readonly fnmrAtFmr1: number;
  readonly fnmrAtFmr01: number;
  /** FNMR at the lowest threshold that no impostor reaches. */
  readonly zeroFmr: number;
}

/**
 * The operating points of a matcher from the strictest (nothing matches) to the loosest (everything does), one for
 * each different score: the points of a detection error trade-off curve (ISO/IEC 19795-1).
 */
export function operatingPoints(comparisons: Comparisons): OperatingPoint[] {
  const { scores, references, probes } = comparisons;
  const order = byFallingScore(scores);
  const genuine = countGenuine(comparisons);
  const impostor = scores.length - genuine;
  const points: OperatingPoint[] = [{ threshold: Infinity, fmr: 0, fnmr: 1 }];
  let matched = 0;
  let mismatched = 0;
  for (let k = 0; k < order.length; k++) {
    const i = order[k];
    if (references[i] === probes[i]) matched++;
    else mismatched++;
    const threshold = scores[i];
    if (k + 1 < order.length && scores[order[k + 1]] === threshold) continue;
    points.push({ threshold, fmr: mismatched / impostor, fnmr: (genuine - matched) / genuine });
  }
  return points;
}

/** Error rates of all comparisons at one threshold for all. */
export function errorRates(comparisons: Comparisons): ErrorRates {
  const genuine = countGenuine(comparisons);
  const impostor = comparisons.scores.length - genuine;
  if (genuine === 0 || impostor === 0)
    return { genuine, impostor, eer: NaN, fnmrAtFmr1: NaN, fnmrAtFmr01: NaN, zeroFmr: NaN };
  const points = operatingPoints(comparisons);
  return {
    genuine,
    impostor,
    eer: equalErrorRate(points),
    fnmrAtFmr1: pointAtFmr(points, 0.01).fnmr,
    fnmrAtFmr01: pointAtFmr(points, 0.001).fnmr,
    zeroFmr: pointAtFmr(points, 0).fnmr,
  };
}

/** The loosest operating point whose false match rate is not above `fmr`. */
export function pointAtFmr(points: readonly OperatingPoint[], fmr: number): OperatingPoint {
  let best: OperatingPoint = { threshold: Infinity, fmr: 0, fnmr: 1 };
  for (const point of points) {
    if (point.fmr > fmr) break;
    best = point;
  }
  return best;
}

function equalErrorRate(points: readonly OperatingPoint[]): number {
  let eer = NaN;
  let closest = Infinity;
  for (const { fmr, fnmr } of points) {
    const distance = Math.abs(fmr - fnmr);
    if (distance < closest) {
      closest = distance;
      eer = (fmr + fnmr) / 2;
    }
  }
  return eer;
}

/** How the interval of a rate is drawn from the data. */
export interface BootstrapOptions {
  /** The set that each finger belongs to, by finger: fingers are drawn anew within their set. One set where absent. */
  readonly setOfFinger?: Uint32Array;
  readonly replicates?: number;
  readonly seed?: number;
}

/** Enough for the second digit of a 95 % interval's ends. */
const REPLICATES = 1000;

/**
 * 95 % interval of the equal error rate by the percentile bootstrap over fingers: comparisons of one finger resemble
 * each other, so drawing them one by one would promise too much. A finger drawn n times counts n-fold in its genuine
 * comparisons, a pair of fingers by the product; a finger is never compared with its own copy.
 *
 * @returns lower and upper end as fractions; NaN where there is nothing to draw from
 */
export function eerInterval(comparisons: Comparisons, options: BootstrapOptions = {}): readonly [number, number] {
  const { scores, references, probes } = comparisons;
  const order = byFallingScore(scores);
  const fingers = 1 + Math.max(-1, maximum(references), maximum(probes));
  const sets = groupBySet(fingers, options.setOfFinger);

  // Comparisons of each pair of fingers that occurs, so that a replicate's totals need no walk over all comparisons.
  const counts = new Map<number, number>();
  for (let i = 0; i < scores.length; i++) {
    const key = references[i] * fingers + probes[i];
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const cells = [...counts].map(([key, count]) => ({
    reference: Math.floor(key / fingers),
    probe: key % fingers,
    count,
  }));

  const random = generator(options.seed ?? 1);
  const weights = new Uint32Array(fingers);
  const rates: number[] = [];
  for (let replicate = 0; replicate < (options.replicates ?? REPLICATES); replicate++) {
    weights.fill(0);
    for (const set of sets) {
      for (let drawn = 0; drawn < set.length; drawn++) {
        const finger = set[Math.floor(random() * set.length)];
        weights[finger] = weights[finger] + 1;
      }
    }
    let genuine = 0;
    let impostor = 0;
    for (const { reference, probe, count } of cells) {
      const weight = weights[reference];
      if (reference === probe) genuine += count * weight;
      else impostor += count * weight * weights[probe];
    }
    if (genuine > 0 && impostor > 0) rates.push(weightedEer(comparisons, order, weights, genuine, impostor));
  }
  rates.sort((a, b) => a - b);
  return [percentile(rates, 0.025), percentile(rates, 0.975)];
}

/** The equal error rate where every comparison counts by its fingers' weights; ends as soon as the rates have crossed. */
function weightedEer(
  { scores, references, probes }: Comparisons,
  order: Uint32Array,
  weights: Uint32Array,
  genuine: number,
  impostor: number,
): number {
  let matched = 0;
  let mismatched = 0;
  let fmr = 0;
  let fnmr = 1;
  for (let k = 0; k < order.length; k++) {
    const i = order[k];
    const reference = references[i];
    const probe = probes[i];
    const weight = weights[reference];
    if (reference === probe) matched += weight;
    else mismatched += weight * weights[probe];
    if (k + 1 < order.length && scores[order[k + 1]] === scores[i]) continue;
    const nextFmr = mismatched / impostor;
    const nextFnmr = (genuine - matched) / genuine;
    if (nextFmr >= nextFnmr) return nextFmr - nextFnmr < fnmr - fmr ? (nextFmr + nextFnmr) / 2 : (fmr + fnmr) / 2;
    fmr = nextFmr;
    fnmr = nextFnmr;
  }
  return (fmr + fnmr) / 2;
}

/** Value below which the given share of the ascending `values` lies, interpolated linearly; NaN of nothing. */
export function percentile(values: ArrayLike<number>, share: number): number {
  if (values.length === 0) return NaN;
  const position = share * (values.length - 1);
  const low = values[Math.floor(position)];
  const high = values[Math.ceil(position)];
  return low + (high - low) * (position - Math.floor(position));
}

function byFallingScore(scores: Float64Array): Uint32Array {
  return Uint32Array.from(scores.keys()).sort((i, j) => scores[j] - scores[i]);
}

function countGenuine({ references, probes }: Comparisons): number {
  let genuine = 0;
  for (let i = 0; i < references.length; i++) if (references[i] === probes[i]) genuine++;
  return genuine;
}

function maximum(values: Uint32Array): number {
  return values.reduce((largest, value) => Math.max(largest, value), -1);
}

function groupBySet(fingers: number, setOfFinger: Uint32Array | undefined): number[][] {
  const sets = new Map<number, number[]>();
  for (let finger = 0; finger < fingers; finger++) {
    const set = setOfFinger?.[finger] ?? 0;
    const members = sets.get(set);
    if (members) members.push(finger);
    else sets.set(set, [finger]);
  }
  return [...sets.values()];
}

/** Mulberry32: a small seeded generator of numbers in [0, 1), so that an interval is the same on every run. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
