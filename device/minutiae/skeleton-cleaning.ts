import { EXTRACTION } from './parameters.ts';
import { pointsFrom, type SkeletonGraph, type SkeletonLine, type SkeletonNode } from './skeleton-graph.ts';

/**
 * Takes away what noise draws: spurs, breaks and specks. Used on ridges and on valleys alike, which covers the dual faults
 * as well: a bridge between ridges is a break of the valley, a lake in a ridge is a speck of valley.
 */
export function cleanSkeleton(graph: SkeletonGraph): void {
  removeSpurs(graph);
  closeGaps(graph);
  removeFragments(graph);
}

function isEnding(node: SkeletonNode): boolean {
  return node.lines.length === 1;
}

function byLength(lines: SkeletonLine[]): SkeletonLine[] {
  return lines.sort((a, b) => a.points.length - b.points.length);
}

function removeSpurs(graph: SkeletonGraph): void {
  for (const line of byLength(graph.lines())) {
    if (line.points.length > EXTRACTION.skeleton.spur) return;
    // A spur removed before may have changed what this line's ends are.
    const ends = [line.from, line.to].filter(isEnding);
    if (ends.length !== 1 || !line.from.lines.includes(line)) continue;
    const meeting = isEnding(line.from) ? line.to : line.from;
    if (meeting.lines.length < 3) continue;
    graph.remove(line);
    graph.dissolve(meeting);
  }
}

function removeFragments(graph: SkeletonGraph): void {
  for (const line of graph.lines()) {
    if (line.points.length <= EXTRACTION.skeleton.fragment && isEnding(line.from) && isEnding(line.to)) {
      graph.remove(line);
    }
  }
}

interface Tip {
  readonly node: SkeletonNode;
  /** Unit vector outwards, along the line's continuation. */
  readonly dx: number;
  readonly dy: number;
}

function closeGaps(graph: SkeletonGraph): void {
  const { gap, gapAngle, tipLength } = EXTRACTION.skeleton;
  const { width } = graph;
  const tips: Tip[] = [];
  for (const node of graph.endings()) {
    const points = pointsFrom(node);
    const inner = points[Math.min(points.length - 1, tipLength)];
    const dx = node.x - (inner % width);
    const dy = node.y - Math.floor(inner / width);
    const length = Math.hypot(dx, dy);
    if (length > 0) tips.push({ node, dx: dx / length, dy: dy / length });
  }
  const least = Math.cos(gapAngle);
  const gaps: { a: SkeletonNode; b: SkeletonNode; distance: number }[] = [];
  for (let i = 0; i < tips.length; i++) {
    for (let j = i + 1; j < tips.length; j++) {
      const a = tips[i];
      const b = tips[j];
      const x = b.node.x - a.node.x;
      const y = b.node.y - a.node.y;
      const distance = Math.hypot(x, y);
      if (distance === 0 || distance > gap) continue;
      if (a.dx * x + a.dy * y < least * distance || b.dx * x + b.dy * y > -least * distance) continue;
      gaps.push({ a: a.node, b: b.node, distance });
    }
  }
  gaps.sort((first, second) => first.distance - second.distance);
  for (const { a, b } of gaps) {
    if (!isEnding(a) || !isEnding(b) || a.lines[0] === b.lines[0]) continue;
    graph.connect(a, b, straight(a, b, width));
    graph.dissolve(a);
    graph.dissolve(b);
  }
}

function straight(a: SkeletonNode, b: SkeletonNode, width: number): number[] {
  const steps = Math.max(Math.abs(b.x - a.x), Math.abs(b.y - a.y));
  return Array.from({ length: steps + 1 }, (_, i) => {
    const x = Math.round(a.x + ((b.x - a.x) * i) / steps);
    const y = Math.round(a.y + ((b.y - a.y) * i) / steps);
    return y * width + x;
  });
}
