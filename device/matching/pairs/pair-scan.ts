import type { MinutiaeTemplate } from '../../minutiae/minutia.ts';
import { startKernel, type Kernel } from '../../wasm.ts';
import { type RankedPerson, TouchRows } from '../touch-rows.ts';
import { KINDS, kindTable, MOST_PAIRS, pairsOf } from './minutia-pairs.ts';

interface VoteKernel extends Kernel {
  heapBase(): number;
  vote(table: number, pairs: number, width: number, count: number, scores: number, votes: number): void;
}

const PAGE = 65536;
const VOTE_BYTES = 96;
const PAIR_BYTES = 4;
const FIRST_CAPACITY = 256;

/**
 * A first look at all enrolled touches: how many pairs of neighbouring minutiae each has in common with the probe at one
 * rotation. Far less exact than the Minutia Tensor Matrix and a thousand times faster; it only says where to look closer.
 */
export class PairScan {
  readonly #rows = new TouchRows();
  readonly #kernel = startKernel(new URL('./votes.wasm', import.meta.url)) as VoteKernel;
  #capacity = 0;
  #at = { table: 0, votes: 0, scores: 0, pairs: 0 };

  constructor() {
    this.#enlarge(FIRST_CAPACITY);
  }

  get size(): number {
    return this.#rows.count;
  }

  add(touch: string, person: string, minutiae: MinutiaeTemplate): void {
    if (this.#rows.count === this.#capacity) this.#enlarge(2 * this.#capacity);
    const row = this.#rows.add(touch, person);
    this.#pairs().set(pairsOf(minutiae), row * MOST_PAIRS);
  }

  remove(touch: string): void {
    const move = this.#rows.remove(touch);
    if (move === undefined) return;
    const from = move.from * MOST_PAIRS;
    this.#pairs().copyWithin(move.to * MOST_PAIRS, from, from + MOST_PAIRS);
  }

  /** The people whose touches have most in common with the probe, the best of their touches each, the best first. */
  nearest(probe: MinutiaeTemplate, most: number): RankedPerson[] {
    const { table, votes, scores, pairs } = this.#at;
    const { count } = this.#rows;
    new Uint32Array(this.#kernel.memory.buffer, table, KINDS).set(kindTable(probe));
    this.#kernel.vote(table, pairs, MOST_PAIRS, count, scores, votes);
    return this.#rows.nearest(new Float32Array(this.#kernel.memory.buffer, scores, count), most);
  }

  #pairs(): Uint32Array {
    return new Uint32Array(this.#kernel.memory.buffer, this.#at.pairs, this.#capacity * MOST_PAIRS);
  }

  /** Makes room; pairs lie last, so that nothing else is written over. */
  #enlarge(capacity: number): void {
    const table = this.#kernel.heapBase();
    const votes = table + PAIR_BYTES * KINDS;
    const scores = votes + VOTE_BYTES;
    const at = { table, votes, scores, pairs: (scores + 4 * capacity + 15) & ~15 };
    const { memory } = this.#kernel;
    const missing = at.pairs + PAIR_BYTES * capacity * MOST_PAIRS - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    const kept = PAIR_BYTES * this.#rows.count * MOST_PAIRS;
    new Uint8Array(memory.buffer).copyWithin(at.pairs, this.#at.pairs, this.#at.pairs + kept);
    this.#at = at;
    this.#capacity = capacity;
  }
}
