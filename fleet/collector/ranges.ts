/** First and last number of a run, both included. */
export type Range = readonly [first: number, last: number];

/** A set of whole numbers as sorted runs that neither touch nor overlap. */
export class Ranges {
  #runs: Range[];

  /** @param runs sorted, apart from each other */
  constructor(runs: readonly Range[] = []) {
    this.#runs = [...runs];
  }

  get runs(): readonly Range[] {
    return this.#runs;
  }

  /** The run that a number lies in. */
  around(number: number): Range | undefined {
    const run = this.#runs.at(this.#firstEndingAt(number));
    return run !== undefined && run[0] <= number && number <= run[1] ? run : undefined;
  }

  /** The run that begins behind a number, nearest to it. */
  behind(number: number): Range | undefined {
    return this.#runs.find(([first]) => first > number);
  }

  add(first: number, last: number): void {
    const from = this.#firstEndingAt(first - 1);
    let to = from;
    let [low, high] = [first, last];
    while (to < this.#runs.length && this.#runs[to][0] <= last + 1) {
      low = Math.min(low, this.#runs[to][0]);
      high = Math.max(high, this.#runs[to][1]);
      to++;
    }
    this.#runs.splice(from, to - from, [low, high]);
  }

  /** Index of the first run that ends at `number` or later; the count of runs where none does. */
  #firstEndingAt(number: number): number {
    let [low, high] = [0, this.#runs.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#runs[middle][1] < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
