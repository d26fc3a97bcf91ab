/** A person and the score of the touch of theirs that scored best. */
export interface RankedPerson {
  readonly person: string;
  readonly score: number;
}

/**
 * Which row of a table is which enrolled touch, and of whom: rows lie one after another without holes. What is removed
 * leaves its place to the last row.
 */
export class TouchRows {
  readonly #rows = new Map<string, number>();
  readonly #touches: string[] = [];
  /** By row, a person's number. */
  #owners = new Uint32Array(64);
  readonly #numbers = new Map<string, number>();
  readonly #people: string[] = [];
  #best = new Float32Array(64);

  get count(): number {
    return this.#touches.length;
  }

  /** Touches, in the order of their rows. */
  get touches(): readonly string[] {
    return this.#touches;
  }

  rowOf(touch: string): number | undefined {
    return this.#rows.get(touch);
  }

  /** @returns the new row, the last */
  add(touch: string, person: string): number {
    const row = this.#touches.push(touch) - 1;
    this.#rows.set(touch, row);
    if (row >= this.#owners.length) this.#owners = enlarged(this.#owners);
    this.#owners[row] = this.#numberOf(person);
    return row;
  }

  /** @returns the row that was left and the one that is to move there, the last; nothing where there is no such touch */
  remove(touch: string): { readonly to: number; readonly from: number } | undefined {
    const to = this.#rows.get(touch);
    if (to === undefined) return undefined;
    const from = this.#touches.length - 1;
    const last = this.#touches[from];
    this.#touches[to] = last;
    this.#rows.set(last, to);
    this.#owners[to] = this.#owners[from];
    this.#touches.pop();
    this.#rows.delete(touch);
    return { to, from };
  }

  /**
   * The people with the best touches, the best first.
   *
   * @param scores by row; not a number for none
   * @param most how many people at most
   */
  nearest(scores: Float32Array, most: number): RankedPerson[] {
    const best = this.#best.subarray(0, this.#people.length).fill(-Infinity);
    const { count } = this;
    for (let row = 0; row < count; row++) {
      const owner = this.#owners[row];
      if (scores[row] > best[owner]) best[owner] = scores[row];
    }
    const least = best.length > most ? best.toSorted()[best.length - most] : -Infinity;
    const nearest: RankedPerson[] = [];
    for (let owner = 0; owner < best.length; owner++)
      if (best[owner] > -Infinity && best[owner] >= least)
        nearest.push({ person: this.#people[owner], score: best[owner] });
    return nearest.sort((a, b) => b.score - a.score).slice(0, most);
  }

  #numberOf(person: string): number {
    const known = this.#numbers.get(person);
    if (known !== undefined) return known;
    const number = this.#people.push(person) - 1;
    this.#numbers.set(person, number);
    if (number >= this.#best.length) this.#best = new Float32Array(2 * this.#best.length);
    return number;
  }
}

function enlarged(values: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * values.length);
  larger.set(values);
  return larger;
}
