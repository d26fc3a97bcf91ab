import type { Minutia, MinutiaeTemplate } from '../../minutiae/minutia.ts';
import { MtmError } from './errors.ts';
import type { MtmParameters } from './parameters.ts';

/** What the kernel reads of one impression: its invariants, in the kernel's layout. */
export interface MtmTemplate {
  readonly template: MinutiaeTemplate;
  /** Row of the kernel's minutia i in `template.minutiae`. */
  readonly chosen: readonly number[];
  readonly bytes: Uint8Array;
  /** Orders two templates whatever the order of the arguments is. */
  readonly key: number;
}

/** Steps in a full turn: an angle fits a byte and wraps as the byte does. */
const TURN = 256;
const HEAD = 16;
const SLOTS = 64;
const TABLES = HEAD + 6 * 4 * SLOTS + 2 * SLOTS;
const EDGE_INDEX = 272;

/** Px: no print is as large, and squares of this are exact enough in 32-bit floats. */
const FAR_OUT = 1e5;

const toTurn = (radians: number): number => Math.round((radians * TURN) / (2 * Math.PI)) & (TURN - 1);

/** The minutiae compared: all, or the best by quality where there are too many (the first of equals). */
function choose(minutiae: readonly Minutia[], most: number): number[] {
  const all = minutiae.map((_, index) => index);
  if (all.length <= most) return all;
  return all
    .sort((a, b) => minutiae[b].quality - minutiae[a].quality || a - b)
    .slice(0, most)
    .sort((a, b) => a - b);
}

/** How surely each is seen again: by quality, all alike where it tells them not apart (0 or a constant: unreported). */
function weigh(minutiae: readonly Minutia[], { leastWeight, fullQuality }: MtmParameters): number[] {
  if (minutiae.every((m) => m.quality === minutiae[0].quality)) return minutiae.map(() => 1);
  return minutiae.map((m) => leastWeight + (1 - leastWeight) * Math.min(1, Math.max(0, m.quality) / fullQuality));
}

export function prepareTemplate(template: MinutiaeTemplate, parameters: MtmParameters): MtmTemplate {
  for (const { x, y, direction, quality } of template.minutiae) {
    if (![x, y, direction, quality].every((value) => Math.abs(value) < FAR_OUT)) {
      throw new MtmError(
        'mtm.bad-template',
        `A minutia lies at (${x}, ${y}), direction ${direction}, quality ${quality}: not on a print. Extract the print again.`,
      );
    }
  }
  const chosen = choose(template.minutiae, parameters.maximumMinutiae);
  const minutiae = chosen.map((index) => template.minutiae[index]);
  const count = minutiae.length;
  const stride = (count + 15) & ~15;
  const step = TURN / (2 * Math.PI) / parameters.radius;
  const scale = parameters.lengthWeight * step;
  const farScale = parameters.globalLengthWeight * step;
  const knee = parameters.lengthKnee;
  const radius = Math.min(254, Math.round(parameters.radius * scale));

  const size = count * stride;
  const near = new Uint8Array(size).fill(255);
  const far = new Uint8Array(size);
  const phi = new Uint8Array(size);
  const psi = new Uint8Array(size);
  const weights = weigh(minutiae, parameters);
  const neighbours = new Float32Array(SLOTS);
  const sizes = new Uint8Array(SLOTS);
  const starts = new Int32Array(TURN + 1);
  for (let i = 0; i < count; i++) {
    const a = minutiae[i];
    for (let j = 0; j < count; j++) {
      if (j === i) continue;
      const b = minutiae[j];
      const dx = b.x - a.x;
      const dy = a.y - b.y;
      const d = Math.hypot(dx, dy);
      const at = i * stride + j;
      near[at] = Math.min(255, Math.round(d * scale));
      far[at] = Math.min(255, Math.round((d < knee ? d : knee * (1 + Math.log(d / knee))) * farScale));
      const seen = toTurn(Math.atan2(dy, dx) - a.direction);
      phi[at] = seen;
      psi[j * stride + i] = seen;
      if (near[at] <= radius) {
        neighbours[i] += weights[j];
        sizes[i]++;
        starts[seen + 1]++;
      }
    }
  }
  for (let turn = 0; turn < TURN; turn++) starts[turn + 1] += starts[turn];
  const edges = starts[TURN];
  const row = (edges + 31) & ~15;
  const bytes = new Uint8Array(TABLES + 4 * size + 2 * EDGE_INDEX + 5 * row);
  const head = new Int32Array(bytes.buffer, 0, 4);
  head.set([count, stride, edges]);
  const floats = new Float32Array(bytes.buffer, HEAD, 4 * SLOTS);
  minutiae.forEach((m, i) => {
    floats[i] = m.x;
    floats[SLOTS + i] = -m.y;
    floats[2 * SLOTS + i] = Math.cos(m.direction);
    floats[3 * SLOTS + i] = Math.sin(m.direction);
  });
  const more = new Float32Array(bytes.buffer, HEAD + 16 * SLOTS, 2 * SLOTS);
  more.set(neighbours);
  more.set(weights.map(Math.sqrt), SLOTS);
  minutiae.forEach((m, i) => {
    bytes[HEAD + 24 * SLOTS + i] = m.type === 'ending' ? 1 : m.type === 'bifurcation' ? 2 : 0;
  });
  bytes.set(sizes, HEAD + 25 * SLOTS);
  bytes.set(near, TABLES);
  bytes.set(far, TABLES + size);
  bytes.set(phi, TABLES + 2 * size);
  bytes.set(psi, TABLES + 3 * size);
  const index = new Uint16Array(bytes.buffer, TABLES + 4 * size, EDGE_INDEX);
  index.set(starts);
  const edge = bytes.subarray(TABLES + 4 * size + 2 * EDGE_INDEX);
  edge.fill(255, edges, row);
  const next = starts.slice();
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      const at = i * stride + j;
      if (j === i || near[at] > radius) continue;
      const to = next[phi[at]]++;
      edge[to] = near[at];
      edge[row + to] = phi[at];
      edge[2 * row + to] = psi[at];
      edge[3 * row + to] = i;
      edge[4 * row + to] = j;
    }
  }
  let key = 0;
  for (let i = HEAD; i < TABLES + size; i++) key = (Math.imul(key, 31) + bytes[i]) | 0;
  return { template, chosen, bytes, key };
}
