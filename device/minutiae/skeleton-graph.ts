import type { BinaryPicture } from './thinning.ts';

/** An end or a meeting of lines. */
export interface SkeletonNode {
  readonly x: number;
  readonly y: number;
  /** Lines that start or end here (one that does both is listed twice). */
  lines: SkeletonLine[];
}

/** A line from node to node; `points` are pixel indices (y × width + x) from `from` to `to`, both included. */
export interface SkeletonLine {
  readonly from: SkeletonNode;
  readonly to: SkeletonNode;
  readonly points: readonly number[];
}

/** The lines of a thinned picture as a graph. Closed lines that meet nothing have no node and are left out. */
export class SkeletonGraph {
  readonly width: number;
  readonly nodes = new Set<SkeletonNode>();

  constructor(width: number) {
    this.width = width;
  }

  connect(from: SkeletonNode, to: SkeletonNode, points: readonly number[]): SkeletonLine {
    const line = { from, to, points };
    from.lines.push(line);
    to.lines.push(line);
    return line;
  }

  /** Takes a line away, and any node left without one. */
  remove(line: SkeletonLine): void {
    for (const node of [line.from, line.to]) {
      node.lines = node.lines.filter((other) => other !== line);
      if (node.lines.length === 0) this.nodes.delete(node);
    }
  }

  /** Joins the two lines at a node where only two are left into one; the node goes. */
  dissolve(node: SkeletonNode): void {
    const [first, second] = node.lines;
    if (node.lines.length !== 2 || first === second) return;
    const before = first.to === node ? first.points : first.points.toReversed();
    const after = second.from === node ? second.points : second.points.toReversed();
    const from = first.to === node ? first.from : first.to;
    const to = second.from === node ? second.to : second.from;
    this.remove(first);
    this.remove(second);
    this.nodes.delete(node);
    this.nodes.add(from);
    this.nodes.add(to);
    this.connect(from, to, [...before, ...after]);
  }

  /** Every line once. */
  lines(): SkeletonLine[] {
    const all = new Set<SkeletonLine>();
    for (const node of this.nodes) for (const line of node.lines) all.add(line);
    return [...all];
  }

  /** The ends of lines. */
  endings(): SkeletonNode[] {
    return [...this.nodes].filter((node) => node.lines.length === 1);
  }
}

/** The points of an ending's line, from the ending inwards. */
export function pointsFrom(ending: SkeletonNode): readonly number[] {
  const [line] = ending.lines;
  return line.from === ending ? line.points : line.points.toReversed();
}

/** Follows the lines of a thinned picture by their crossing numbers (Rutovitz 1966): 1 ends, 3 or more meet. */
export function traceSkeleton(picture: BinaryPicture): SkeletonGraph {
  const { width, height, pixels } = picture;
  const graph = new SkeletonGraph(width);
  // Clockwise from the east, so that neighbours in the list are neighbours on the ring.
  const ring = [1, width + 1, width, width - 1, -1, -width - 1, -width, -width + 1];
  const crossing = (at: number): number => {
    let changes = 0;
    for (let i = 0; i < 8; i++) changes += Math.abs(pixels[at + ring[i]] - pixels[at + ring[(i + 1) & 7]]);
    return changes >> 1;
  };
  const nodeOf = new Map<number, SkeletonNode>();
  const meeting: number[] = [];
  const ending: number[] = [];
  for (let at = width + 1; at < width * (height - 1) - 1; at++) {
    if (pixels[at] === 0) continue;
    const number = crossing(at);
    if (number === 1) ending.push(at);
    else if (number >= 3) meeting.push(at);
  }
  // Meeting pixels that touch are one node, at their centre.
  const isMeeting = new Set(meeting);
  for (const start of meeting) {
    if (nodeOf.has(start)) continue;
    const cluster = [start];
    isMeeting.delete(start);
    for (let i = 0; i < cluster.length; i++) {
      for (const step of ring) {
        const next = cluster[i] + step;
        if (isMeeting.delete(next)) cluster.push(next);
      }
    }
    const x = cluster.reduce((sum, at) => sum + (at % width), 0) / cluster.length;
    const y = cluster.reduce((sum, at) => sum + Math.floor(at / width), 0) / cluster.length;
    const node: SkeletonNode = { x, y, lines: [] };
    for (const at of cluster) nodeOf.set(at, node);
  }
  for (const at of ending) nodeOf.set(at, { x: at % width, y: Math.floor(at / width), lines: [] });
  const visited = new Uint8Array(pixels.length);
  for (const at of nodeOf.keys()) visited[at] = 1;
  // Straight steps before diagonal ones, so that a stair of pixels is walked and not cut across.
  const steps = [1, width, -1, -width, width + 1, width - 1, -width - 1, -width + 1];
  for (const [start, node] of nodeOf) {
    for (const first of steps) {
      let at = start + first;
      if (pixels[at] === 0 || visited[at] === 1) continue;
      const points = [start];
      let end: SkeletonNode | undefined;
      for (;;) {
        visited[at] = 1;
        points.push(at);
        let next = -1;
        for (const step of steps) {
          const candidate = at + step;
          if (pixels[candidate] === 0) continue;
          const met = nodeOf.get(candidate);
          if (met !== undefined && (met !== node || points.length > 3)) {
            end = met;
            points.push(candidate);
            break;
          }
          if (next < 0 && visited[candidate] === 0) next = candidate;
        }
        if (end !== undefined || next < 0) break;
        at = next;
      }
      if (end === undefined) continue;
      graph.nodes.add(node);
      graph.nodes.add(end);
      graph.connect(node, end, points);
    }
  }
  return graph;
}
