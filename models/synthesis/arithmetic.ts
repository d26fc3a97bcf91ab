/**
 * Elementary functions from IEEE basic operations alone. `Math.sin` and its kin differ in the last bit between engines
 * and versions; what is drawn here must be the same bytes everywhere.
 */

const HALF_PI = Math.PI / 2;

/** Sine of `x` radians, to about 1e-9 for |x| below 1e4. */
export function sine(x: number): number {
  const quarter = Math.floor(x / HALF_PI + 0.5);
  const rest = x - quarter * HALF_PI;
  const value = quarter % 2 === 0 ? sineNearZero(rest) : cosineNearZero(rest);
  const turns = quarter - 4 * Math.floor(quarter / 4);
  return turns >= 2 ? -value : value;
}

/** Cosine of `x` radians, to about 1e-9 for |x| below 1e4. */
export function cosine(x: number): number {
  return sine(x + HALF_PI);
}

function sineNearZero(x: number): number {
  const s = x * x;
  return x * (1 + s * (-1 / 6 + s * (1 / 120 + s * (-1 / 5040 + s * (1 / 362880 - s / 39916800)))));
}

function cosineNearZero(x: number): number {
  const s = x * x;
  return 1 + s * (-1 / 2 + s * (1 / 24 + s * (-1 / 720 + s * (1 / 40320 - s / 3628800))));
}

/** Angle of (x, y) in (-π, π], to about 1e-5; 0 at the origin. */
export function arctangent2(y: number, x: number): number {
  const ax = x < 0 ? -x : x;
  const ay = y < 0 ? -y : y;
  const large = ax > ay ? ax : ay;
  if (large === 0) return 0;
  const a = (ax > ay ? ay : ax) / large;
  const s = a * a;
  // Minimax polynomial of the arctangent on [0, 1].
  let angle =
    a * (0.99997726 + s * (-0.33262347 + s * (0.19354346 + s * (-0.11643287 + s * (0.05265332 - s * 0.0117212)))));
  if (ay > ax) angle = HALF_PI - angle;
  if (x < 0) angle = Math.PI - angle;
  return y < 0 ? -angle : angle;
}

/** e to the power of `x`, to about 1e-7 for |x| below 50. */
export function exponential(x: number): number {
  const r = x / 4096;
  let value = 1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r / 24)));
  for (let i = 0; i < 12; i++) value *= value;
  return value;
}

/** From 0 at `from` to 1 at `to`, smooth at both; clamped outside. */
export function smoothstep(from: number, to: number, x: number): number {
  const t = clamp((x - from) / (to - from), 0, 1);
  return t * t * (3 - 2 * t);
}

export function clamp(x: number, low: number, high: number): number {
  return x < low ? low : x > high ? high : x;
}
