import type { Minutia } from '../../device/minutiae/minutia.ts';
import type { MtmParameters } from '../../device/matching/mtm/parameters.ts';

interface Node {
  readonly i: number;
  readonly j: number;
  readonly similarity: number;
}

const STEPS = 256 / (2 * Math.PI);
const wrapped = (steps: number): number => Math.abs(((((steps + 128) % 256) + 256) % 256) - 128);

/**
 * The score of the Minutia Tensor Matrix, written to be read: what the kernel computes, without its tables, masks and
 * vectors. Lengths and angles are rounded to bytes as there. `a` must have no more minutiae than `b`.
 */
export function referenceScore(a: readonly Minutia[], b: readonly Minutia[], p: MtmParameters): number {
  const round = (length: number, weight = p.lengthWeight): number =>
    Math.min(255, Math.round((length * weight * STEPS) / p.radius));
  const near = (m: Minutia, n: Minutia): number => round(Math.hypot(m.x - n.x, m.y - n.y));
  const far = (m: Minutia, n: Minutia): number => {
    const d = Math.hypot(m.x - n.x, m.y - n.y);
    return round(d < p.lengthKnee ? d : p.lengthKnee * (1 + Math.log(d / p.lengthKnee)), p.globalLengthWeight);
  };
  const bearing = (from: Minutia, to: Minutia): number =>
    Math.round((Math.atan2(from.y - to.y, to.x - from.x) - from.direction) * STEPS);
  const distance = (length: typeof near, i: Minutia, k: Minutia, j: Minutia, l: Minutia): number =>
    Math.abs(length(i, k) - length(j, l)) +
    wrapped(bearing(i, k) - bearing(j, l)) +
    wrapped(bearing(k, i) - bearing(l, j));
  const like = (D: number, decay: number, cut: number): number =>
    D <= Math.floor((-Math.log(cut) / decay) * STEPS) ? Math.exp((-decay * D) / STEPS) : 0;
  const weighing = (minutiae: readonly Minutia[]): ((m: Minutia) => number) =>
    minutiae.every((m) => m.quality === minutiae[0].quality)
      ? () => 1
      : (m) => p.leastWeight + (1 - p.leastWeight) * Math.min(1, m.quality / p.fullQuality);
  const [weightA, weightB] = [weighing(a), weighing(b)];
  const differ = (m: Minutia, n: Minutia): boolean => m.type !== n.type && m.type !== 'other' && n.type !== 'other';
  const neighbours = (all: readonly Minutia[], c: number): number[] =>
    [...all.keys()].filter((i) => i !== c && near(all[c], all[i]) <= Math.round(p.lengthWeight * STEPS));

  /** Power iteration from the diagonal, then greedy one-to-one picks of what is above δ. */
  const solve = (T: number[][], nodes: readonly Node[], iterations: number): number[] => {
    let m = nodes.map((_, k) => T[k][k]);
    for (let step = 0; step < iterations; step++) {
      const next = T.map((row) => row.reduce((sum, value, k) => sum + value * m[k], 0));
      const norm = Math.hypot(...next);
      m = next.map((value) => value / norm);
    }
    const picked: number[] = [];
    for (const k of [...m.keys()].filter((k) => m[k] >= p.delta).sort((k, l) => m[l] - m[k])) {
      if (picked.every((l) => nodes[l].i !== nodes[k].i && nodes[l].j !== nodes[k].j)) picked.push(k);
    }
    return picked;
  };
  const tensor = (nodes: readonly Node[], second: (k: Node, l: Node) => number): number[][] =>
    nodes.map((k) => nodes.map((l) => (k === l ? k.similarity : k.i === l.i || k.j === l.j ? 0 : second(k, l))));

  const locals: Node[] = [];
  for (const c of a.keys()) {
    for (const d of b.keys()) {
      const found: (Node & { D: number })[] = [];
      for (const i of neighbours(a, c)) {
        for (const j of neighbours(b, d)) {
          const D = distance(near, a[c], a[i], b[d], b[j]);
          const first = like(D, p.alpha, p.alphaCut);
          if (first === 0) continue;
          const type = differ(a[i], b[j]) ? p.otherTypeNeighbour : 1;
          found.push({ i, j, D, similarity: first * type * Math.sqrt(weightA(a[i]) * weightB(b[j])) });
        }
      }
      const most = p.candidates * Math.min(neighbours(a, c).length, neighbours(b, d).length);
      const second = (k: Node, l: Node): number =>
        p.localLambda * like(distance(near, a[k.i], a[l.i], b[k.j], b[l.j]), p.beta, p.betaCut);
      const candidates = found.sort((k, l) => k.D - l.D).slice(0, most);
      // Candidates that no other supports are dropped.
      const nodes = candidates.filter((k) => candidates.some((l) => k.i !== l.i && k.j !== l.j && second(k, l) > 0));
      if (nodes.length === 0) continue;
      const T = tensor(nodes, second);
      const picked = solve(T, nodes, p.localIterations);
      const value = picked.reduce((sum, k) => sum + picked.reduce((part, l) => part + T[k][l], 0), 0);
      const share = picked.reduce((sum, k) => sum + Math.sqrt(weightA(a[nodes[k].i]) * weightB(b[nodes[k].j])), 0);
      const all =
        neighbours(a, c).reduce((sum, i) => sum + weightA(a[i]), 0) *
        neighbours(b, d).reduce((sum, j) => sum + weightB(b[j]), 0);
      const type = differ(a[c], b[d]) ? p.otherTypeCentre : 1;
      locals.push({ i: c, j: d, similarity: (type * value * share) / all });
    }
  }

  const kept = locals.sort((k, l) => l.similarity - k.similarity).slice(0, p.candidates * a.length);
  const TF = tensor(
    kept,
    (k, l) => p.globalLambda * like(distance(far, a[k.i], a[l.i], b[k.j], b[l.j]), p.gamma, p.gammaCut),
  );
  const pairs = kept.length === 0 ? [] : solve(TF, kept, p.globalIterations).map((k) => kept[k]);
  const seeds = pairs.length;
  if (seeds === 0) return 0;
  if (seeds >= p.regainMinimum) pairs.push(...regained(a, b, pairs, p));

  const agreement = pairs.map(
    (k) =>
      pairs.reduce(
        (sum, l) =>
          k === l
            ? sum
            : sum +
              Math.exp((-p.agreementDecay * Math.min(255, distance(far, a[k.i], a[l.i], b[k.j], b[l.j]))) / STEPS),
        0,
      ) /
      (pairs.length - 1 + p.agreementPrior),
  );
  const evidence = pairs.reduce((sum, k, at) => sum + Math.sqrt(k.similarity) * agreement[at] ** 2, 0);
  const missedA = missed(a, new Set(pairs.map((k) => k.i)), weightA);
  const missedB = missed(b, new Set(pairs.map((k) => k.j)), weightB);
  const ratio = pairs.length ** 2 / ((pairs.length + missedA) * (pairs.length + missedB));
  return (evidence / seeds) * pairs.length * ratio ** p.hullPower;
}

/** Moving least squares, rigid: where the pairs carry the other minutiae of `a`; the nearest that fit are taken. */
function regained(a: readonly Minutia[], b: readonly Minutia[], pairs: readonly Node[], p: MtmParameters): Node[] {
  const found: (Node & { off: number })[] = [];
  for (const [i, m] of a.entries()) {
    if (pairs.some((k) => k.i === i)) continue;
    const u = pairs.map((k) => 1 / ((a[k.i].x - m.x) ** 2 + (a[k.i].y - m.y) ** 2 + 1));
    const mean = (of: (k: Node) => number): number =>
      pairs.reduce((sum, k, at) => sum + u[at] * of(k), 0) / u.reduce((sum, value) => sum + value, 0);
    const [px, py, qx, qy] = [
      mean((k) => a[k.i].x),
      mean((k) => -a[k.i].y),
      mean((k) => b[k.j].x),
      mean((k) => -b[k.j].y),
    ];
    const dot = mean((k) => (a[k.i].x - px) * (b[k.j].x - qx) + (-a[k.i].y - py) * (-b[k.j].y - qy));
    const cross = mean((k) => (a[k.i].x - px) * (-b[k.j].y - qy) - (-a[k.i].y - py) * (b[k.j].x - qx));
    const turn = Math.atan2(cross, dot);
    const [x, y] = [m.x - px, -m.y - py];
    const tx = Math.cos(turn) * x - Math.sin(turn) * y + qx;
    const ty = Math.sin(turn) * x + Math.cos(turn) * y + qy;
    for (const [j, n] of b.entries()) {
      const off = Math.hypot(n.x - tx, -n.y - ty);
      if (pairs.some((k) => k.j === j) || off > p.regainReach) continue;
      if (Math.cos(n.direction - m.direction - turn) < Math.cos(p.regainTurn)) continue;
      found.push({ i, j, similarity: 0, off });
    }
  }
  const taken: Node[] = [];
  for (const k of found.sort((k, l) => k.off - l.off)) {
    if (taken.every((l) => l.i !== k.i && l.j !== k.j)) taken.push(k);
  }
  return taken;
}

/** Weight of the minutiae inside the hull of the matched ones: those that no line through two of these cuts off. */
function missed(all: readonly Minutia[], matched: ReadonlySet<number>, weight: (m: Minutia) => number): number {
  const corners = [...matched].map((i) => all[i]);
  if (corners.length < 3) return 0;
  const side = (o: Minutia, e: Minutia, m: Minutia): number => (e.x - o.x) * (m.y - o.y) - (e.y - o.y) * (m.x - o.x);
  const edges = corners.flatMap((o) =>
    corners.filter((e) => e !== o && corners.every((m) => side(o, e, m) >= -1e-9)).map((e) => [o, e] as const),
  );
  return all
    .filter((m, i) => !matched.has(i) && edges.every(([o, e]) => side(o, e, m) >= 0))
    .reduce((sum, m) => sum + weight(m), 0);
}
