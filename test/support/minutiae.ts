import type { Minutia, MinutiaeTemplate } from '../../device/minutiae/minutia.ts';

/** A small generator of repeatable numbers in [0, 1) (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `count` minutiae at random, at least 8 px apart, on 300 × 300 px, directed along a random smooth flow. */
export function randomFinger(seed: number, count: number): MinutiaeTemplate {
  const next = random(seed);
  const [bend, turn, phase] = [next() * 0.02, next() * 6, next() * 6];
  const minutiae: Minutia[] = [];
  while (minutiae.length < count) {
    const [x, y] = [next() * 300, next() * 300];
    if (minutiae.some((m) => Math.hypot(m.x - x, m.y - y) < 8)) continue;
    const flow = turn + Math.sin(phase + bend * (x + y));
    minutiae.push({
      x,
      y,
      direction: (flow + (next() < 0.5 ? Math.PI : 0) + 0.2 * next() + 20 * Math.PI) % (2 * Math.PI),
      type: next() < 0.5 ? 'ending' : 'bifurcation',
      quality: Math.floor(next() * 101),
    });
  }
  return { width: 300, height: 300, minutiae };
}

/** Turned counter-clockwise as seen by `rotation` radians about the origin, then shifted. */
export function moved(template: MinutiaeTemplate, rotation: number, dx: number, dy: number): MinutiaeTemplate {
  const [c, s] = [Math.cos(rotation), Math.sin(rotation)];
  return {
    ...template,
    minutiae: template.minutiae.map((m) => ({
      ...m,
      x: c * m.x + s * m.y + dx,
      y: -s * m.x + c * m.y + dy,
      direction: (m.direction + rotation) % (2 * Math.PI),
    })),
  };
}

/** Each minutia off by up to `px` and `radians`; the share `lost` is missing. */
export function jittered(
  template: MinutiaeTemplate,
  seed: number,
  px: number,
  radians: number,
  lost: number,
): MinutiaeTemplate {
  const next = random(seed);
  const around = (size: number): number => (2 * next() - 1) * size;
  return {
    ...template,
    minutiae: template.minutiae
      .map((m) => ({
        ...m,
        x: m.x + around(px),
        y: m.y + around(px),
        direction: (m.direction + around(radians) + 2 * Math.PI) % (2 * Math.PI),
      }))
      .filter(() => next() >= lost),
  };
}
