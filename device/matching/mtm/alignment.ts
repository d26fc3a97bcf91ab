import type { MinutiaeTemplate } from '../../minutiae/minutia.ts';

/**
 * A rigid motion in y-down pixels: `x' = cos·x + sin·y + dx`, `y' = −sin·x + cos·y + dy`; directions gain `rotation`.
 */
export interface Alignment {
  /** Radians in (−π, π], counter-clockwise as seen. */
  readonly rotation: number;
  readonly dx: number;
  readonly dy: number;
}

/** The motion of the probe that brings the pairs closest together in the least-squares sense. */
export function alignmentOf(
  pairs: readonly { readonly probe: number; readonly reference: number }[],
  probe: MinutiaeTemplate,
  reference: MinutiaeTemplate,
): Alignment | undefined {
  if (pairs.length < 2) return undefined;
  let [px, py, qx, qy] = [0, 0, 0, 0];
  for (const pair of pairs) {
    px += probe.minutiae[pair.probe].x / pairs.length;
    py += probe.minutiae[pair.probe].y / pairs.length;
    qx += reference.minutiae[pair.reference].x / pairs.length;
    qy += reference.minutiae[pair.reference].y / pairs.length;
  }
  let [dot, cross] = [0, 0];
  for (const pair of pairs) {
    const p = probe.minutiae[pair.probe];
    const q = reference.minutiae[pair.reference];
    dot += (p.x - px) * (q.x - qx) + (p.y - py) * (q.y - qy);
    cross += (p.y - py) * (q.x - qx) - (p.x - px) * (q.y - qy);
  }
  const rotation = Math.atan2(cross, dot);
  const [c, s] = [Math.cos(rotation), Math.sin(rotation)];
  return { rotation, dx: qx - (c * px + s * py), dy: qy - (c * py - s * px) };
}
