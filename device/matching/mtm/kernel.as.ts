// The hot path of the Minutia Tensor Matrix: one comparison of two prepared templates, without allocation.
//
// Units: a *step* is 1/256 of a turn; lengths are scaled to steps by the caller, so that the distance D of two
// relations (formula D of the method: |Δd| + |Δφ| + |Δψ|) is a sum of bytes and 16 candidates fit one vector.
// The subtraction of two angle bytes wraps as angles do.

/** Minutiae a template may have: sets of minutiae are 64-bit masks. */
const MAX: i32 = 64;
/** Candidate pairs kept for one local problem. */
const LOCAL_MAX: i32 = 64;
/** Nodes of the global problem: 3 · min(N, N') of at most 64. */
const GLOBAL_MAX: i32 = 3 * MAX;
/** Row of a table over global nodes, a multiple of 16. */
const GLOBAL_ROW: i32 = GLOBAL_MAX;

// ── A prepared template (layout written by template.ts) ──
const COUNT: usize = 0; // i32 minutiae
const STRIDE: usize = 4; // i32 bytes of a table row, a multiple of 16
const EDGES: usize = 8; // i32 edges: ordered pairs of neighbours
const X: usize = 16; // f32[64] px, y upwards
const Y: usize = X + 256;
const COS: usize = Y + 256; // of the direction
const SIN: usize = COS + 256;
const NEIGHBOURS: usize = SIN + 256; // f32[64] sum of their weights
const WEIGHT_ROOT: usize = NEIGHBOURS + 256; // f32[64] √ of how surely the minutia is seen again
const KIND: usize = WEIGHT_ROOT + 256; // u8[64] 1 ending, 2 bifurcation, 0 unknown
const SIZE: usize = KIND + 64; // u8[64] neighbours
const NEAR: usize = SIZE + 64; // u8[count × stride] distance by the local scale
// then, each count × stride: FAR distance by the global scale, PHI angle of j seen from i, PSI angle of i seen from j,
// then u16[272] first edge of each φ, then five byte arrays of edges (near, φ, ψ, from, to), sorted by φ
const EDGE_INDEX: i32 = 272 * 2;

const SLOT: i32 = 1 << 16;
const SLOTS: usize = memory.data(2 * (1 << 16), 16);
export function templateAt(slot: i32): usize {
  return SLOTS + slot * SLOT;
}

// ── Parameters (layout written by parameters.ts) ──
const PARAMETERS: usize = memory.data(128 + 4 * 1024, 16);
export function parametersAt(): usize {
  return PARAMETERS;
}
// i32
const RADIUS: usize = 0; // steps, longest edge
const LOCAL_CUT1: usize = 4; // steps, largest D of first order
const LOCAL_CUT2: usize = 8;
const GLOBAL_CUT: usize = 12;
const LOCAL_ITERATIONS: usize = 16;
const GLOBAL_ITERATIONS: usize = 20;
const CANDIDATES: usize = 24; // kept pairs per minutia of the smaller side
const USE_GLOBAL: usize = 28;
const REGAIN_MINIMUM: usize = 32; // pairs; more than there are minutiae switches regaining off
// f32
const DELTA: usize = 64;
const REGAIN_TOLERANCE: usize = 68; // px
const REGAIN_COS: usize = 72;
const OTHER_KIND: usize = 76; // factor of T1 where the types differ
const OTHER_KIND_CENTRE: usize = 80;
const AGREEMENT_PRIOR: usize = 84;
const TABLES: usize = 128; // four times f32[256] by D: T1, λ T2 local, λ T2 global, agreement
const LOCAL_TABLE: usize = TABLES + 1024;
const GLOBAL_TABLE: usize = TABLES + 2048;
const AGREEMENT_TABLE: usize = TABLES + 3072;

// ── Scratch ──
const BUCKET_COUNT: usize = memory.data(MAX * 4, 16);
const BUCKETS: usize = memory.data(MAX * LOCAL_MAX * 4, 16);
const T: usize = memory.data(LOCAL_MAX * LOCAL_MAX * 4, 16);
const LINKS: usize = memory.data(LOCAL_MAX * LOCAL_MAX * 2, 16);
const PLACE: usize = memory.data(LOCAL_MAX, 16);
const M: usize = memory.data(LOCAL_MAX * 4, 16);
const M2: usize = memory.data(LOCAL_MAX * 4, 16);

const NODE_A: usize = memory.data(MAX * MAX, 16);
const NODE_B: usize = memory.data(MAX * MAX, 16);
const NODE_S: usize = memory.data(MAX * MAX * 4, 16);
const ORDER: usize = memory.data(MAX * MAX * 2, 16);
// Chosen nodes in falling order of similarity: the diagonal of T_F.
const GA: usize = memory.data(GLOBAL_MAX + 16, 16);
const GB: usize = memory.data(GLOBAL_MAX + 16, 16);
const GS: usize = memory.data(GLOBAL_MAX * 4, 16);
const GM: usize = memory.data(GLOBAL_MAX * 4, 16);
const GM2: usize = memory.data(GLOBAL_MAX * 4, 16);
const CHOSEN: usize = memory.data(GLOBAL_MAX * 4, 16);
const GATHER: usize = memory.data(6 * MAX * GLOBAL_ROW, 16);
const SUMS: usize = memory.data(16, 16);
// The rest of T_F by rows: first entry of each row, columns, values.
const ROW_START: usize = memory.data((GLOBAL_MAX + 1) * 4, 16);
const COLUMN: usize = memory.data(GLOBAL_MAX * GLOBAL_MAX * 2, 16);
const VALUE: usize = memory.data(GLOBAL_MAX * GLOBAL_MAX * 4, 16);
const CANDIDATE: usize = memory.data(MAX * MAX * 8, 16);
const AGREEMENT: usize = memory.data(MAX * 4, 16);
const HULL_ORDER: usize = memory.data(MAX, 16);
const HULL_A: usize = memory.data(2 * MAX + 2, 16);
const HULL_B: usize = memory.data(2 * MAX + 2, 16);

// ── Result ──
const PAIR_A: usize = memory.data(MAX, 16);
const PAIR_B: usize = memory.data(MAX, 16);
const PAIR_S: usize = memory.data(MAX * 4, 16); // local similarity; 0 for a regained pair
const PAIR_NODE: usize = memory.data(MAX * 2, 16);
const STATISTICS: usize = memory.data(8 * 4, 16);
export function pairsAt(which: i32): usize {
  return which == 0 ? PAIR_A : which == 1 ? PAIR_B : PAIR_S;
}
export function statisticsAt(): usize {
  return STATISTICS;
}
/** For the trace: T_F (nodes of both sides, diagonal, row starts, columns, values), the eigenvector, agreements, hulls. */
export function traceAt(which: i32): usize {
  if (which == 0) return GA;
  if (which == 1) return GB;
  if (which == 2) return GS;
  if (which == 3) return ROW_START;
  if (which == 4) return COLUMN;
  if (which == 5) return VALUE;
  if (which == 6) return eigenvector;
  if (which == 7) return AGREEMENT;
  return which == 8 ? HULL_A : HULL_B;
}
export function nodeCount(): i32 {
  return globals;
}
export function hullSize(which: i32): i32 {
  return which == 0 ? hullA : hullB;
}

let eigenvector: usize = GM;
let hullA: i32 = 0;
let hullB: i32 = 0;
let nodes: i32 = 0;
let globals: i32 = 0;
let pairs: i32 = 0;
let usedA: u64 = 0;
let usedB: u64 = 0;

function tableBytes(t: usize): i32 {
  return load<i32>(t, COUNT) * load<i32>(t, STRIDE);
}
function turn(x: i32): i32 {
  const s: i32 = <i32>(<i8>x);
  return s < 0 ? -s : s;
}
function gap(x: i32, y: i32): i32 {
  return x > y ? x - y : y - x;
}

/** Puts the inner edges of [from, to) that lie within the cut of the outer edge into the bucket of their centre. */
function scan(edges: usize, row: i32, from: i32, to: i32, d: v128, phi: v128, psi: v128, cut: v128, i: i32): void {
  for (let k = from; k < to; k += 16) {
    const at = edges + k;
    const dd = v128.load(at);
    const distance = i8x16.sub(i8x16.max_u(dd, d), i8x16.min_u(dd, d));
    const turn1 = i8x16.abs(i8x16.sub(v128.load(at + row), phi));
    const turn2 = i8x16.abs(i8x16.sub(v128.load(at + 2 * row), psi));
    const sum = i8x16.add_sat_u(i8x16.add_sat_u(distance, turn1), turn2);
    let hits = i8x16.bitmask(i8x16.le_u(sum, cut));
    if (to - k < 16) hits &= (1 << (to - k)) - 1;
    while (hits) {
      const lane = ctz(hits);
      hits &= hits - 1;
      const e = at + lane;
      const b = <i32>load<u8>(e + 3 * row);
      const n = load<i32>(BUCKET_COUNT + (b << 2));
      if (n < LOCAL_MAX) {
        const D =
          gap(load<u8>(e), i8x16.extract_lane_u(d, 0)) +
          turn(<i32>load<u8>(e + row) - i8x16.extract_lane_u(phi, 0)) +
          turn(<i32>load<u8>(e + 2 * row) - i8x16.extract_lane_u(psi, 0));
        store<u32>(BUCKETS + ((b * LOCAL_MAX + n) << 2), i | ((<i32>load<u8>(e + 4 * row)) << 8) | (D << 16));
        store<i32>(BUCKET_COUNT + (b << 2), n + 1);
      }
    }
  }
}

/** Similarity of the neighbourhoods of a and b (formulas (7) to (10)); 0 where nothing supports it. */
function solveLocal(ta: usize, tb: usize, a: i32, b: i32, found: i32): f32 {
  const bucket = BUCKETS + ((b * LOCAL_MAX) << 2);
  const na = load<f32>(ta + NEIGHBOURS + (a << 2));
  const nb = load<f32>(tb + NEIGHBOURS + (b << 2));
  let k = found;
  const most = load<i32>(PARAMETERS, CANDIDATES) * <i32>min(load<u8>(ta + SIZE + a), load<u8>(tb + SIZE + b));
  if (k > most) {
    // Keep the most similar: a selection, for crowded neighbourhoods only.
    for (let p = 0; p < most; p++) {
      let best = p;
      for (let q = p + 1; q < k; q++) {
        if (load<u32>(bucket + (q << 2)) >> 16 < load<u32>(bucket + (best << 2)) >> 16) best = q;
      }
      const t = load<u32>(bucket + (p << 2));
      store<u32>(bucket + (p << 2), load<u32>(bucket + (best << 2)));
      store<u32>(bucket + (best << 2), t);
    }
    k = most;
  }
  const sa = load<i32>(ta, STRIDE);
  const sb = load<i32>(tb, STRIDE);
  const sizeA = tableBytes(ta);
  const sizeB = tableBytes(tb);
  const cut = load<i32>(PARAMETERS, LOCAL_CUT2);
  let links = 0;
  let linked: u64 = 0;
  for (let p = 1; p < k; p++) {
    const cp = load<u32>(bucket + (p << 2));
    const ip = <i32>(cp & 0xff);
    const jp = <i32>((cp >> 8) & 0xff);
    const rowA = ta + NEAR + ip * sa;
    const rowB = tb + NEAR + jp * sb;
    for (let q = 0; q < p; q++) {
      const cq = load<u32>(bucket + (q << 2));
      const iq = <i32>(cq & 0xff);
      const jq = <i32>((cq >> 8) & 0xff);
      // One after the other: most pairs of candidates differ too much in length already.
      let D = gap(load<u8>(rowA + iq), load<u8>(rowB + jq));
      if (D > cut || iq == ip || jq == jp) continue;
      D += turn(<i32>load<u8>(rowA + iq + 2 * sizeA) - <i32>load<u8>(rowB + jq + 2 * sizeB));
      if (D > cut) continue;
      D += turn(<i32>load<u8>(rowA + iq + 3 * sizeA) - <i32>load<u8>(rowB + jq + 3 * sizeB));
      if (D > cut) continue;
      store<u8>(LINKS + (links << 2), p);
      store<u8>(LINKS + (links << 2), q, 1);
      store<u16>(LINKS + (links << 2), <u16>D, 2);
      linked |= ((<u64>1) << p) | ((<u64>1) << q);
      links++;
    }
  }
  if (links == 0) return 0;

  // Candidates that no other supports are dropped; the rest move together.
  k = 0;
  const stride = (<i32>popcnt(linked) + 3) & ~3;
  memory.fill(T, 0, (stride * stride) << 2);
  for (let rest = linked; rest != 0; rest &= rest - 1) {
    const old = <i32>ctz(rest);
    const c = load<u32>(bucket + (old << 2));
    store<u32>(bucket + (k << 2), c);
    store<u8>(PLACE + old, k);
    const i = <i32>(c & 0xff);
    const j = <i32>((c >> 8) & 0xff);
    let first = load<f32>(PARAMETERS + TABLES + ((c >> 16) << 2));
    if ((load<u8>(ta + KIND + i) | load<u8>(tb + KIND + j)) == 3) first *= load<f32>(PARAMETERS, OTHER_KIND);
    first *= load<f32>(ta + WEIGHT_ROOT + (i << 2)) * load<f32>(tb + WEIGHT_ROOT + (j << 2));
    store<f32>(T + ((k * stride + k) << 2), first);
    store<f32>(M + (k << 2), first);
    k++;
  }
  for (let l = 0; l < links; l++) {
    const p = <i32>load<u8>(PLACE + load<u8>(LINKS + (l << 2)));
    const q = <i32>load<u8>(PLACE + load<u8>(LINKS + (l << 2), 1));
    const second = load<f32>(PARAMETERS + LOCAL_TABLE + ((<i32>load<u16>(LINKS + (l << 2), 2)) << 2));
    store<f32>(T + ((p * stride + q) << 2), second);
    store<f32>(T + ((q * stride + p) << 2), second);
  }
  for (let p = k; p < stride; p++) store<f32>(M + (p << 2), 0);

  let from = M;
  let to = M2;
  const iterations = load<i32>(PARAMETERS, LOCAL_ITERATIONS);
  let norm: f32 = 0;
  for (let it = 0; it < iterations; it++) {
    let sum = f32x4.splat(0);
    for (let v = 0; v < stride; v += 4) {
      let y = f32x4.splat(0);
      for (let p = 0; p < k; p++) {
        y = f32x4.add(y, f32x4.mul(v128.load32_splat(from + (p << 2)), v128.load(T + ((p * stride + v) << 2))));
      }
      v128.store(to + (v << 2), y);
      sum = f32x4.add(sum, f32x4.mul(y, y));
    }
    norm = sqrt(
      f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3),
    );
    const scale = f32x4.splat(1 / norm);
    for (let v = 0; v < stride; v += 4) v128.store(to + (v << 2), f32x4.mul(v128.load(to + (v << 2)), scale));
    const swap = from;
    from = to;
    to = swap;
  }

  let ua: u64 = 0;
  let ub: u64 = 0;
  let matched = 0;
  let share: f32 = 0;
  let value: f32 = 0;
  const delta = load<f32>(PARAMETERS, DELTA);
  // Chosen candidates are remembered in the other vector's place.
  while (true) {
    let best = delta;
    let which = -1;
    for (let p = 0; p < k; p++) {
      const m = load<f32>(from + (p << 2));
      if (m < best || (m == best && which >= 0)) continue;
      const c = load<u32>(bucket + (p << 2));
      if ((ua >> (c & 0xff)) & 1 || (ub >> ((c >> 8) & 0xff)) & 1) continue;
      best = m;
      which = p;
    }
    if (which < 0) break;
    const c = load<u32>(bucket + (which << 2));
    ua |= (<u64>1) << (c & 0xff);
    ub |= (<u64>1) << ((c >> 8) & 0xff);
    value += load<f32>(T + ((which * stride + which) << 2));
    share +=
      load<f32>(ta + WEIGHT_ROOT + ((<i32>(c & 0xff)) << 2)) *
      load<f32>(tb + WEIGHT_ROOT + ((<i32>((c >> 8) & 0xff)) << 2));
    for (let p = 0; p < matched; p++) {
      value += 2 * load<f32>(T + ((which * stride + load<i32>(to + (p << 2))) << 2));
    }
    store<i32>(to + (matched << 2), which);
    matched++;
  }
  const similarity: f32 = (value * share) / (na * nb);
  const differ = (load<u8>(ta + KIND + a) | load<u8>(tb + KIND + b)) == 3;
  return differ ? similarity * load<f32>(PARAMETERS, OTHER_KIND_CENTRE) : similarity;
}

function local(ta: usize, tb: usize): void {
  const countA = load<i32>(ta, COUNT);
  const countB = load<i32>(tb, COUNT);
  const sa = load<i32>(ta, STRIDE);
  const sizeA = tableBytes(ta);
  const index = tb + NEAR + 4 * tableBytes(tb);
  const edges = index + EDGE_INDEX;
  const row = (load<i32>(tb, EDGES) + 31) & ~15;
  const radius = load<i32>(PARAMETERS, RADIUS);
  const cut1 = load<i32>(PARAMETERS, LOCAL_CUT1);
  const cut = i8x16.splat(<i8>cut1);
  nodes = 0;
  for (let a = 0; a < countA; a++) {
    memory.fill(BUCKET_COUNT, 0, MAX * 4);
    const at = ta + NEAR + a * sa;
    for (let i = 0; i < countA; i++) {
      const d = <i32>load<u8>(at + i);
      if (d > radius || i == a) continue;
      const phi = <i32>load<u8>(at + i + 2 * sizeA);
      const dv = i8x16.splat(<i8>d);
      const phiv = i8x16.splat(<i8>phi);
      const psiv = v128.load8_splat(at + i + 3 * sizeA);
      const lo = phi - cut1;
      const hi = phi + cut1 + 1;
      if (lo < 0) {
        scan(edges, row, load<u16>(index + ((lo + 256) << 1)), load<u16>(index + 512), dv, phiv, psiv, cut, i);
        scan(edges, row, 0, load<u16>(index + (hi << 1)), dv, phiv, psiv, cut, i);
      } else if (hi > 256) {
        scan(edges, row, load<u16>(index + (lo << 1)), load<u16>(index + 512), dv, phiv, psiv, cut, i);
        scan(edges, row, 0, load<u16>(index + ((hi - 256) << 1)), dv, phiv, psiv, cut, i);
      } else {
        scan(edges, row, load<u16>(index + (lo << 1)), load<u16>(index + (hi << 1)), dv, phiv, psiv, cut, i);
      }
    }
    for (let b = 0; b < countB; b++) {
      const found = load<i32>(BUCKET_COUNT + (b << 2));
      if (found < 2) continue;
      const s = solveLocal(ta, tb, a, b, found);
      if (s > 0) {
        store<u8>(NODE_A + nodes, a);
        store<u8>(NODE_B + nodes, b);
        store<f32>(NODE_S + (nodes << 2), s);
        nodes++;
      }
    }
  }
}

function similarityOf(n: i32): f32 {
  return load<f32>(NODE_S + (n << 2));
}

function sift(root: i32, end: i32): void {
  let r = root;
  const moved = load<u16>(ORDER + (r << 1));
  const s = similarityOf(moved);
  while (true) {
    let child = 2 * r + 1;
    if (child >= end) break;
    if (
      child + 1 < end &&
      similarityOf(load<u16>(ORDER + ((child + 1) << 1))) < similarityOf(load<u16>(ORDER + (child << 1)))
    )
      child++;
    if (similarityOf(load<u16>(ORDER + (child << 1))) >= s) break;
    store<u16>(ORDER + (r << 1), load<u16>(ORDER + (child << 1)));
    r = child;
  }
  store<u16>(ORDER + (r << 1), moved);
}

/** Orders all nodes by falling similarity (heap sort: no recursion, no worst case). */
function sortNodes(): void {
  for (let n = 0; n < nodes; n++) store<u16>(ORDER + (n << 1), <u16>n);
  for (let r = (nodes >> 1) - 1; r >= 0; r--) sift(r, nodes);
  for (let end = nodes - 1; end > 0; end--) {
    const t = load<u16>(ORDER);
    store<u16>(ORDER, load<u16>(ORDER + (end << 1)));
    store<u16>(ORDER + (end << 1), t);
    sift(0, end);
  }
}

/** For every global node l its entry in one row of a table: `out[l] = row[which[l]]`. */
function gather(row: usize, stride: i32, which: usize, out: usize): void {
  for (let l = 0; l < globals; l += 16) {
    const at = v128.load(which + l);
    let got = i8x16.swizzle(v128.load(row), at);
    for (let s = 16; s < stride; s += 16) {
      got = v128.or(got, i8x16.swizzle(v128.load(row + s), i8x16.sub(at, i8x16.splat(<i8>s))));
    }
    v128.store(out + l, got);
  }
}

function gatherAll(t: usize, which: usize, out: usize): void {
  const stride = load<i32>(t, STRIDE);
  const size = tableBytes(t);
  let seen: u64 = 0;
  for (let l = 0; l < globals; l++) {
    const a = <i32>load<u8>(which + l);
    if ((seen >> a) & 1) continue;
    seen |= (<u64>1) << a;
    for (let table = 1; table < 4; table++) {
      gather(t + NEAR + table * size + a * stride, stride, which, out + ((table - 1) * MAX + a) * GLOBAL_ROW);
    }
  }
}

function global(ta: usize, tb: usize): void {
  const countA = load<i32>(ta, COUNT);
  const countB = load<i32>(tb, COUNT);
  sortNodes();
  globals = min(GLOBAL_MAX, min(nodes, load<i32>(PARAMETERS, CANDIDATES) * min(countA, countB)));
  for (let l = 0; l < globals; l++) {
    const n = load<u16>(ORDER + (l << 1));
    store<u8>(GA + l, load<u8>(NODE_A + n));
    store<u8>(GB + l, load<u8>(NODE_B + n));
    store<f32>(GS + (l << 2), similarityOf(n));
    store<f32>(GM + (l << 2), similarityOf(n));
  }
  let from = GM;
  if (load<i32>(PARAMETERS, USE_GLOBAL)) {
    gatherAll(ta, GA, GATHER);
    gatherAll(tb, GB, GATHER + 3 * MAX * GLOBAL_ROW);
    const cut = i8x16.splat(<i8>load<i32>(PARAMETERS, GLOBAL_CUT));
    let stored = 0;
    for (let k = 0; k < globals; k++) {
      const a = <i32>load<u8>(GA + k);
      const b = <i32>load<u8>(GB + k);
      const rowA = GATHER + a * GLOBAL_ROW;
      const rowB = GATHER + (3 * MAX + b) * GLOBAL_ROW;
      store<i32>(ROW_START + (k << 2), stored);
      for (let l = 0; l < globals; l += 16) {
        const da = v128.load(rowA + l);
        const db = v128.load(rowB + l);
        const distance = i8x16.sub(i8x16.max_u(da, db), i8x16.min_u(da, db));
        const turn1 = i8x16.abs(
          i8x16.sub(v128.load(rowA + l + MAX * GLOBAL_ROW), v128.load(rowB + l + MAX * GLOBAL_ROW)),
        );
        const turn2 = i8x16.abs(
          i8x16.sub(v128.load(rowA + l + 2 * MAX * GLOBAL_ROW), v128.load(rowB + l + 2 * MAX * GLOBAL_ROW)),
        );
        const D = i8x16.add_sat_u(i8x16.add_sat_u(distance, turn1), turn2);
        const shared = v128.or(
          i8x16.eq(v128.load(GA + l), i8x16.splat(<i8>a)),
          i8x16.eq(v128.load(GB + l), i8x16.splat(<i8>b)),
        );
        let hits = i8x16.bitmask(v128.andnot(i8x16.le_u(D, cut), shared));
        if (globals - l < 16) hits &= (1 << (globals - l)) - 1;
        if (!hits) continue;
        v128.store(SUMS, D);
        while (hits) {
          const lane = ctz(hits);
          hits &= hits - 1;
          store<u16>(COLUMN + (stored << 1), <u16>(l + lane));
          store<f32>(VALUE + (stored << 2), load<f32>(PARAMETERS + GLOBAL_TABLE + ((<i32>load<u8>(SUMS + lane)) << 2)));
          stored++;
        }
      }
    }
    store<i32>(ROW_START + (globals << 2), stored);

    let to = GM2;
    const iterations = load<i32>(PARAMETERS, GLOBAL_ITERATIONS);
    for (let it = 0; it < iterations; it++) {
      let sum: f32 = 0;
      for (let k = 0; k < globals; k++) {
        let y = load<f32>(GS + (k << 2)) * load<f32>(from + (k << 2));
        const end = load<i32>(ROW_START + (k << 2), 4);
        for (let e = load<i32>(ROW_START + (k << 2)); e < end; e++) {
          y += load<f32>(VALUE + (e << 2)) * load<f32>(from + ((<i32>load<u16>(COLUMN + (e << 1))) << 2));
        }
        store<f32>(to + (k << 2), y);
        sum += y * y;
      }
      const scale: f32 = 1 / sqrt(sum);
      for (let k = 0; k < globals; k++) store<f32>(to + (k << 2), load<f32>(to + (k << 2)) * scale);
      const swap = from;
      from = to;
      to = swap;
    }
  } else {
    for (let k = 0; k <= globals; k++) store<i32>(ROW_START + (k << 2), 0);
  }

  eigenvector = from;
  const delta = load<i32>(PARAMETERS, USE_GLOBAL) ? load<f32>(PARAMETERS, DELTA) : 0;
  let first: f32 = 0;
  let second: f32 = 0;
  pairs = 0;
  usedA = 0;
  usedB = 0;
  while (true) {
    let best = delta;
    let which = -1;
    for (let k = 0; k < globals; k++) {
      const m = load<f32>(from + (k << 2));
      if (m < best || (m == best && which >= 0)) continue;
      if ((usedA >> load<u8>(GA + k)) & 1 || (usedB >> load<u8>(GB + k)) & 1) continue;
      best = m;
      which = k;
    }
    if (which < 0) break;
    const a = load<u8>(GA + which);
    const b = load<u8>(GB + which);
    usedA |= (<u64>1) << a;
    usedB |= (<u64>1) << b;
    first += load<f32>(GS + (which << 2));
    store<u8>(PAIR_A + pairs, a);
    store<u8>(PAIR_B + pairs, b);
    store<f32>(PAIR_S + (pairs << 2), load<f32>(GS + (which << 2)));
    store<u16>(PAIR_NODE + (pairs << 1), <u16>which);
    pairs++;
  }
  // m' T m over the chosen nodes: mark them, then walk their rows.
  memory.fill(CHOSEN, 0, globals << 2);
  for (let p = 0; p < pairs; p++) store<f32>(CHOSEN + ((<i32>load<u16>(PAIR_NODE + (p << 1))) << 2), 1);
  for (let p = 0; p < pairs; p++) {
    const k = <i32>load<u16>(PAIR_NODE + (p << 1));
    const end = load<i32>(ROW_START + (k << 2), 4);
    for (let e = load<i32>(ROW_START + (k << 2)); e < end; e++) {
      second += load<f32>(VALUE + (e << 2)) * load<f32>(CHOSEN + ((<i32>load<u16>(COLUMN + (e << 1))) << 2));
    }
  }
  store<f32>(STATISTICS, first);
  store<f32>(STATISTICS, second, 4);
  store<f32>(STATISTICS, <f32>pairs, 8);
}

/** Moving least squares (rigid): maps the outer minutiae that have no mate and takes the inner ones they fall on. */
function regain(ta: usize, tb: usize): void {
  const tolerance = load<f32>(PARAMETERS, REGAIN_TOLERANCE);
  const seeds = pairs;
  if (seeds < load<i32>(PARAMETERS, REGAIN_MINIMUM)) return;
  const countA = load<i32>(ta, COUNT);
  const countB = load<i32>(tb, COUNT);
  const least = load<f32>(PARAMETERS, REGAIN_COS);
  let found = 0;
  for (let i = 0; i < countA; i++) {
    if ((usedA >> i) & 1) continue;
    const x = load<f32>(ta + X + (i << 2));
    const y = load<f32>(ta + Y + (i << 2));
    let w: f32 = 0;
    let px: f32 = 0;
    let py: f32 = 0;
    let qx: f32 = 0;
    let qy: f32 = 0;
    for (let p = 0; p < seeds; p++) {
      const a = ta + ((<i32>load<u8>(PAIR_A + p)) << 2);
      const b = tb + ((<i32>load<u8>(PAIR_B + p)) << 2);
      const dx = load<f32>(a + X) - x;
      const dy = load<f32>(a + Y) - y;
      const u: f32 = 1 / (dx * dx + dy * dy + 1);
      w += u;
      px += u * dx;
      py += u * dy;
      qx += u * load<f32>(b + X);
      qy += u * load<f32>(b + Y);
    }
    px /= w;
    py /= w;
    qx /= w;
    qy /= w;
    let dot: f32 = 0;
    let cross: f32 = 0;
    for (let p = 0; p < seeds; p++) {
      const a = ta + ((<i32>load<u8>(PAIR_A + p)) << 2);
      const b = tb + ((<i32>load<u8>(PAIR_B + p)) << 2);
      const dx = load<f32>(a + X) - x;
      const dy = load<f32>(a + Y) - y;
      const u: f32 = 1 / (dx * dx + dy * dy + 1);
      const ux = dx - px;
      const uy = dy - py;
      const vx = load<f32>(b + X) - qx;
      const vy = load<f32>(b + Y) - qy;
      dot += u * (ux * vx + uy * vy);
      cross += u * (ux * vy - uy * vx);
    }
    const length = sqrt(dot * dot + cross * cross);
    if (!(length > 0)) continue;
    const c = dot / length;
    const s = cross / length;
    const tx = qx - (c * px - s * py);
    const ty = qy - (s * px + c * py);
    const cosA = load<f32>(ta + COS + (i << 2));
    const sinA = load<f32>(ta + SIN + (i << 2));
    const cosT = c * cosA - s * sinA;
    const sinT = s * cosA + c * sinA;
    for (let j = 0; j < countB; j++) {
      if ((usedB >> j) & 1) continue;
      const ex = load<f32>(tb + X + (j << 2)) - tx;
      const ey = load<f32>(tb + Y + (j << 2)) - ty;
      const off = ex * ex + ey * ey;
      if (off > tolerance * tolerance) continue;
      if (cosT * load<f32>(tb + COS + (j << 2)) + sinT * load<f32>(tb + SIN + (j << 2)) < least) continue;
      store<u8>(CANDIDATE + (found << 3), i);
      store<u8>(CANDIDATE + (found << 3), j, 1);
      store<f32>(CANDIDATE + (found << 3), off, 4);
      found++;
    }
  }
  while (true) {
    let best: f32 = Infinity;
    let which = -1;
    for (let c = 0; c < found; c++) {
      const off = load<f32>(CANDIDATE + (c << 3), 4);
      if (off >= best) continue;
      if ((usedA >> load<u8>(CANDIDATE + (c << 3))) & 1 || (usedB >> load<u8>(CANDIDATE + (c << 3), 1)) & 1) continue;
      best = off;
      which = c;
    }
    if (which < 0) break;
    const i = load<u8>(CANDIDATE + (which << 3));
    const j = load<u8>(CANDIDATE + (which << 3), 1);
    usedA |= (<u64>1) << i;
    usedB |= (<u64>1) << j;
    store<u8>(PAIR_A + pairs, i);
    store<u8>(PAIR_B + pairs, j);
    store<f32>(PAIR_S + (pairs << 2), 0);
    pairs++;
  }
}

/** Evidence of the final pairs: local similarity times how well all the others agree, which chance clusters do not. */
function agree(ta: usize, tb: usize): void {
  const sa = load<i32>(ta, STRIDE);
  const sb = load<i32>(tb, STRIDE);
  const sizeA = tableBytes(ta);
  const sizeB = tableBytes(tb);
  memory.fill(AGREEMENT, 0, MAX * 4);
  for (let p = 1; p < pairs; p++) {
    const rowA = ta + NEAR + sizeA + <i32>load<u8>(PAIR_A + p) * sa;
    const rowB = tb + NEAR + sizeB + <i32>load<u8>(PAIR_B + p) * sb;
    let sum: f32 = 0;
    for (let q = 0; q < p; q++) {
      const a = rowA + load<u8>(PAIR_A + q);
      const b = rowB + load<u8>(PAIR_B + q);
      const D =
        gap(load<u8>(a), load<u8>(b)) +
        turn(<i32>load<u8>(a + sizeA) - <i32>load<u8>(b + sizeB)) +
        turn(<i32>load<u8>(a + 2 * sizeA) - <i32>load<u8>(b + 2 * sizeB));
      const e = load<f32>(PARAMETERS + AGREEMENT_TABLE + (min(D, 255) << 2));
      sum += e;
      store<f32>(AGREEMENT + (q << 2), load<f32>(AGREEMENT + (q << 2)) + e);
    }
    store<f32>(AGREEMENT + (p << 2), sum);
  }
  const scale: f32 = 1 / (<f32>(pairs - 1) + load<f32>(PARAMETERS, AGREEMENT_PRIOR));
  let evidence: f32 = 0;
  for (let p = 0; p < pairs; p++) {
    const c = pairs > 1 ? load<f32>(AGREEMENT + (p << 2)) * scale : 0;
    store<f32>(AGREEMENT + (p << 2), c);
    evidence += sqrt(load<f32>(PAIR_S + (p << 2))) * c * c;
  }
  store<f32>(STATISTICS, evidence, 24);
}

function side(t: usize, o: i32, a: i32, px: f32, py: f32): f32 {
  const ox = load<f32>(t + X + (o << 2));
  const oy = load<f32>(t + Y + (o << 2));
  return (load<f32>(t + X + (a << 2)) - ox) * (py - oy) - (load<f32>(t + Y + (a << 2)) - oy) * (px - ox);
}

/** Closed convex hull of the matched minutiae (monotone chain); returns its length, first and last being the same. */
function convexHull(t: usize, which: usize, hull: usize): i32 {
  for (let p = 0; p < pairs; p++) {
    const m = load<u8>(which + p);
    const x = load<f32>(t + X + ((<i32>m) << 2));
    const y = load<f32>(t + Y + ((<i32>m) << 2));
    let at = p;
    while (at > 0) {
      const before = <i32>load<u8>(HULL_ORDER + at - 1);
      const bx = load<f32>(t + X + (before << 2));
      if (bx < x || (bx == x && load<f32>(t + Y + (before << 2)) <= y)) break;
      store<u8>(HULL_ORDER + at, before);
      at--;
    }
    store<u8>(HULL_ORDER + at, m);
  }
  let n = 0;
  for (let p = 0; p < pairs; p++) {
    const m = <i32>load<u8>(HULL_ORDER + p);
    while (
      n >= 2 &&
      side(
        t,
        load<u8>(hull + n - 2),
        load<u8>(hull + n - 1),
        load<f32>(t + X + (m << 2)),
        load<f32>(t + Y + (m << 2)),
      ) <= 0
    )
      n--;
    store<u8>(hull + n, m);
    n++;
  }
  const lower = n + 1;
  for (let p = pairs - 2; p >= 0; p--) {
    const m = <i32>load<u8>(HULL_ORDER + p);
    while (
      n >= lower &&
      side(
        t,
        load<u8>(hull + n - 2),
        load<u8>(hull + n - 1),
        load<f32>(t + X + (m << 2)),
        load<f32>(t + Y + (m << 2)),
      ) <= 0
    )
      n--;
    store<u8>(hull + n, m);
    n++;
  }
  return n;
}

/** Weight of the minutiae without a mate inside the hull. */
function missedInHull(t: usize, hull: usize, n: i32, used: u64): f32 {
  if (n < 4) return 0;
  const count = load<i32>(t, COUNT);
  let inside: f32 = 0;
  for (let m = 0; m < count; m++) {
    if ((used >> m) & 1) continue;
    const x = load<f32>(t + X + (m << 2));
    const y = load<f32>(t + Y + (m << 2));
    const root = load<f32>(t + WEIGHT_ROOT + (m << 2));
    let within = root * root;
    for (let h = 0; h < n - 1; h++) {
      if (side(t, load<u8>(hull + h), load<u8>(hull + h + 1), x, y) < 0) {
        within = 0;
        break;
      }
    }
    inside += within;
  }
  return inside;
}

/** Compares the template in slot 0 with the one in slot 1; the pairs and features lie in memory then. */
export function compare(): i32 {
  const ta = templateAt(0);
  const tb = templateAt(1);
  local(ta, tb);
  global(ta, tb);
  regain(ta, tb);
  agree(ta, tb);
  hullA = convexHull(ta, PAIR_A, HULL_A);
  hullB = convexHull(tb, PAIR_B, HULL_B);
  store<f32>(STATISTICS, <f32>pairs, 12);
  store<f32>(STATISTICS, missedInHull(ta, HULL_A, hullA, usedA), 16);
  store<f32>(STATISTICS, missedInHull(tb, HULL_B, hullB, usedB), 20);
  return pairs;
}
