/** One line of `npm run bench`: what was measured over several rounds, beside a peer under the same load in the same run. */
export interface Figure {
  readonly what: string;
  readonly unit: 'ms' | '/s' | 'B';
  /** One number a round. */
  readonly rounds: readonly number[];
  /** The peer's rounds of the same work, where a peer was run. */
  readonly peer?: readonly number[];
}

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { min: sorted[0], median: sorted[sorted.length >> 1], max: sorted[sorted.length - 1] };
}

/** Runs a step once unmeasured and then `rounds` times, in milliseconds each. */
export function timed(rounds: number, step: () => void): number[] {
  step();
  return Array.from({ length: rounds }, () => {
    const begin = performance.now();
    step();
    return performance.now() - begin;
  });
}
