/** Steps of a latent's value of 1. */
const STEPS = 127;

/** A latent as it is stored: a byte a value, −1 to 1 in 127 steps either way. */
export function quantizeLatent(values: Float32Array): Int8Array {
  return Int8Array.from(values, (value) => Math.round(STEPS * Math.min(1, Math.max(-1, value))));
}
