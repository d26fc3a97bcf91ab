/** One line of a benchmark: what was measured, one number a round. */
export interface Figure {
  readonly what: string;
  readonly unit: 'ms' | '/s' | 'B';
  readonly rounds: readonly number[];
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
