/** How many of the newest measurements a quantile is taken over. */
const WINDOW = 1_000;

export interface Quantiles {
  readonly p50: number;
  readonly p95: number;
}

/** Durations of named phases in milliseconds, of the newest thousand each. */
export class PhaseTimes<Phase extends string> {
  readonly #samples = new Map<Phase, number[]>();

  record(phase: Phase, milliseconds: number): void {
    const samples = this.#samples.get(phase) ?? [];
    samples.push(milliseconds);
    if (samples.length > WINDOW) samples.shift();
    this.#samples.set(phase, samples);
  }

  /** Of every phase that was measured. */
  quantiles(): Partial<Record<Phase, Quantiles>> {
    const all: Partial<Record<Phase, Quantiles>> = {};
    for (const [phase, samples] of this.#samples) all[phase] = quantilesOf(samples);
    return all;
  }
}

/** By nearest rank. */
function quantilesOf(samples: readonly number[]): Quantiles {
  const sorted = samples.toSorted((a, b) => a - b);
  const rank = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1];
  return { p50: rank(0.5), p95: rank(0.95) };
}
