/** What ends, when it is over, whatever was opened for it: a test's context, or a proof's. */
export interface Cleanup {
  after(end: () => void | Promise<void>): void;
}

/** For what is no test. */
export class ProofCleanup implements Cleanup {
  readonly #ends: (() => void | Promise<void>)[] = [];

  after(end: () => void | Promise<void>): void {
    this.#ends.push(end);
  }

  /** What was opened last ends first. */
  async close(): Promise<void> {
    for (let end = this.#ends.pop(); end !== undefined; end = this.#ends.pop()) await end();
  }
}
