import { sampleGrid } from '../imaging/cell-grid.ts';
import type { Plane } from '../imaging/plane.ts';
import type { Minutia, MinutiaType } from './minutia.ts';
import type { OrientationField } from './orientation-field.ts';
import { EXTRACTION } from './parameters.ts';
import { pointsFrom, type SkeletonGraph } from './skeleton-graph.ts';

const TURN = 2 * Math.PI;

/**
 * The ends of a skeleton's lines as minutiae: of ridges they are endings, of valleys bifurcations (a fork of ridges is the
 * end of the valley between its branches). Their quality is still to be rated.
 *
 * @param sign 1 for ridges, −1 for valleys
 */
export function detectMinutiae(
  graph: SkeletonGraph,
  type: MinutiaType,
  sign: 1 | -1,
  filtered: Plane,
  orientation: OrientationField,
): Minutia[] {
  const { trace } = EXTRACTION.minutiae;
  const { grid, cosine, sine } = orientation;
  return graph.endings().map((node) => {
    const points = pointsFrom(node);
    const inner = points[Math.min(points.length - 1, trace)];
    const dx = (inner % graph.width) - node.x;
    const dy = Math.floor(inner / graph.width) - node.y;
    let angle = 0.5 * Math.atan2(sampleGrid(grid, sine, node.x, node.y), sampleGrid(grid, cosine, node.x, node.y));
    if (Math.cos(angle) * dx + Math.sin(angle) * dy < 0) angle += Math.PI;
    const { x, y } = extendToEdge(node, angle, sign, filtered);
    return { x, y, direction: (2 * TURN - angle) % TURN, type, quality: 0 };
  });
}

/** Thinning eats a tip: it is moved outwards to where the filtered picture changes sign, to a part of a pixel. */
function extendToEdge(
  node: { readonly x: number; readonly y: number },
  angle: number,
  sign: 1 | -1,
  plane: Plane,
): { x: number; y: number } {
  const dx = -Math.cos(angle);
  const dy = -Math.sin(angle);
  let before = sign * samplePlane(plane, node.x, node.y);
  for (let step = 1; step <= 4; step++) {
    const here = sign * samplePlane(plane, node.x + step * dx, node.y + step * dy);
    if (here <= 0) {
      const part = step - 1 + (before > here ? before / (before - here) : 0);
      return { x: node.x + part * dx, y: node.y + part * dy };
    }
    before = here;
  }
  return { x: node.x, y: node.y };
}

/** Bilinear interpolation; the plane's margin is zero. */
function samplePlane(plane: Plane, x: number, y: number): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  const fx = x - column;
  const fy = y - row;
  const at = plane.origin + row * plane.stride + column;
  const { samples, stride } = plane;
  const top = samples[at] * (1 - fx) + samples[at + 1] * fx;
  const bottom = samples[at + stride] * (1 - fx) + samples[at + stride + 1] * fx;
  return top * (1 - fy) + bottom * fy;
}
