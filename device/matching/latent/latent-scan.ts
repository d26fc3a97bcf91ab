import { startKernel, type Kernel } from '../../wasm.ts';
import { type RankedPerson, TouchRows } from '../touch-rows.ts';
import { LatentError } from './errors.ts';

interface ScanKernel extends Kernel {
  heapBase(): number;
  scan(
    probe: number,
    latents: number,
    scales: number,
    scores: number,
    wide: number,
    length: number,
    count: number,
    scale: number,
  ): void;
}

const PAGE = 65536;
/** The kernel's step. */
const STEP = 32;
const FIRST_CAPACITY = 256;

/**
 * The latents of all enrolled touches, compared with a probe's in one go. Everything lies in the kernel's memory: a latent
 * of 256 bytes takes 264.
 */
export class LatentScan {
  readonly #length: number;
  readonly #rows = new TouchRows();
  readonly #kernel = startKernel(new URL('./scan.wasm', import.meta.url)) as ScanKernel;
  #capacity = 0;
  #at = { wide: 0, probe: 0, scales: 0, scores: 0, latents: 0 };

  /**
   * @param length of every latent, a multiple of 32
   * @throws LatentError `latent.bad-length`
   */
  constructor(length: number) {
    if (!Number.isInteger(length) || length < STEP || length % STEP !== 0)
      throw new LatentError(
        'latent.bad-length',
        `latents of ${length} values cannot be scanned: use a multiple of ${STEP}`,
      );
    this.#length = length;
    this.#enlarge(FIRST_CAPACITY);
  }

  get size(): number {
    return this.#rows.count;
  }

  /** @throws LatentError `latent.bad-length` */
  add(touch: string, person: string, latent: Int8Array): void {
    this.#check(latent);
    if (this.#rows.count === this.#capacity) this.#enlarge(2 * this.#capacity);
    const row = this.#rows.add(touch, person);
    this.#latents().set(latent, row * this.#length);
    this.#floats(this.#at.scales)[row] = inverseNorm(latent);
  }

  remove(touch: string): void {
    const move = this.#rows.remove(touch);
    if (move === undefined) return;
    const from = move.from * this.#length;
    this.#latents().copyWithin(move.to * this.#length, from, from + this.#length);
    const scales = this.#floats(this.#at.scales);
    scales[move.to] = scales[move.from];
  }

  /**
   * The cosine of the probe with every enrolled latent, by row; valid until the next call of any method.
   *
   * @throws LatentError `latent.bad-length`
   */
  cosines(probe: Int8Array): Float32Array {
    this.#check(probe);
    const { wide, probe: probeAt, scales, scores, latents } = this.#at;
    new Int8Array(this.#kernel.memory.buffer, probeAt, this.#length).set(probe);
    const { count } = this.#rows;
    this.#kernel.scan(probeAt, latents, scales, scores, wide, this.#length, count, inverseNorm(probe));
    return this.#floats(scores).subarray(0, count);
  }

  /**
   * The people whose latents are most like the probe's, the best of their touches each, the best first.
   *
   * @throws LatentError `latent.bad-length`
   */
  nearest(probe: Int8Array, most: number): RankedPerson[] {
    return this.#rows.nearest(this.cosines(probe), most);
  }

  #check({ length }: Int8Array): void {
    if (length !== this.#length)
      throw new LatentError(
        'latent.bad-length',
        `this latent has ${length} values, those enrolled have ${this.#length}`,
      );
  }

  #latents(): Int8Array {
    return new Int8Array(this.#kernel.memory.buffer, this.#at.latents, this.#capacity * this.#length);
  }

  #floats(at: number): Float32Array {
    return new Float32Array(this.#kernel.memory.buffer, at, this.#capacity);
  }

  /** Makes room. Latents lie last, so that everything before them moves and they do not overlap their new place. */
  #enlarge(capacity: number): void {
    const wide = this.#kernel.heapBase();
    const probe = wide + 2 * this.#length;
    const scales = probe + this.#length;
    const scores = scales + 4 * capacity;
    const at = { wide, probe, scales, scores, latents: scores + 4 * capacity };
    const { memory } = this.#kernel;
    const missing = at.latents + capacity * this.#length - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    const kept = this.#rows.count;
    if (kept > 0) {
      const bytes = new Int8Array(memory.buffer);
      bytes.copyWithin(at.latents, this.#at.latents, this.#at.latents + kept * this.#length);
    }
    this.#at = at;
    this.#capacity = capacity;
  }
}

/** A latent of nothing but zeros is like none. */
function inverseNorm(latent: Int8Array): number {
  let squares = 0;
  for (const value of latent) squares += value * value;
  return squares > 0 ? 1 / Math.sqrt(squares) : 0;
}
