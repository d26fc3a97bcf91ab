/** A well-mixed 32-bit number for a 32-bit number; one-to-one, so that two seeds never give one finger. */
export function mix(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** The seed of part number `part` of what `seed` stands for; one-to-one in `part` for a given seed. */
export function derive(seed: number, part: number): number {
  return mix(mix(seed) + Math.imul(part + 1, 0x9e3779b1));
}

/** Reproducible random numbers (xoshiro128**, Blackman and Vigna 2018): the same on every machine for a seed. */
export class Random {
  readonly #state = new Uint32Array(4);

  constructor(seed: number) {
    for (let i = 0; i < 4; i++) this.#state[i] = derive(seed, i);
  }

  /** Uniform integer in [0, 2³²). */
  bits(): number {
    const s = this.#state;
    const product = Math.imul(s[1], 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = (s[3] << 11) | (s[3] >>> 21);
    return result;
  }

  /** Uniform in [0, 1). */
  next(): number {
    return this.bits() / 4294967296;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** Uniform integer in [0, count). */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** Bell-shaped, mean 0, standard deviation 1, never beyond ±6 (sum of twelve uniforms). */
  normal(): number {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += this.next();
    return sum;
  }

  /** An index drawn with the given weights. */
  weighted(weights: readonly number[]): number {
    let rest = this.next() * weights.reduce((sum, weight) => sum + weight, 0);
    const last = weights.length - 1;
    for (let i = 0; i < last; i++) {
      rest -= weights[i];
      if (rest < 0) return i;
    }
    return last;
  }
}
