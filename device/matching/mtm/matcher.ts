import type { MinutiaeTemplate } from '../../minutiae/minutia.ts';
import { startKernel, type Kernel } from '../../wasm.ts';
import { alignmentOf, type Alignment } from './alignment.ts';
import { type MtmParameters, tuned, writeParameters } from './parameters.ts';
import { hullScore, type MatchStatistics } from './score.ts';
import { type MtmTemplate, prepareTemplate } from './template.ts';

interface MtmKernel extends Kernel {
  templateAt(slot: number): number;
  parametersAt(): number;
  pairsAt(which: number): number;
  featuresAt(): number;
  compare(): number;
}

/** Two minutiae taken for the same: rows of `template.minutiae`. */
export interface MinutiaPair {
  readonly probe: number;
  readonly reference: number;
  /** Similarity of their neighbourhoods; 0 for a regained pair, which had none to speak for it. */
  readonly similarity: number;
  /** Found by the deformation that the other pairs agree on, not by the tensors. */
  readonly regained: boolean;
}

export interface MtmComparison {
  /** Finite, 0 (nothing in common) or more. */
  readonly score: number;
  readonly pairs: readonly MinutiaPair[];
  /** Where there are at least two pairs: carries the probe onto the reference. */
  readonly alignment?: Alignment;
}

/**
 * Compares minutiae by their tensors of first and second order (X. Fu and J. Feng, "Minutia Tensor Matrix", PLoS ONE
 * 10(3), 2015). Free of rotation and shift; the order of the two arguments does not matter.
 *
 * A matcher has scratch space of its own: share one within a thread, templates prepared by one matcher can be used by
 * every other of the same parameters.
 */
export class MtmMatcher {
  readonly parameters: MtmParameters;
  readonly #kernel: MtmKernel;
  readonly #memory: Uint8Array;
  readonly #statistics: Float32Array;
  readonly #pairsA: Uint8Array;
  readonly #pairsB: Uint8Array;
  readonly #similarities: Float32Array;
  readonly #slots: readonly [number, number];
  readonly #loaded: [MtmTemplate | undefined, MtmTemplate | undefined] = [undefined, undefined];

  constructor(parameters: MtmParameters = tuned) {
    this.parameters = parameters;
    this.#kernel = startKernel(new URL('./kernel.wasm', import.meta.url)) as MtmKernel;
    const buffer = this.#kernel.memory.buffer;
    this.#memory = new Uint8Array(buffer);
    this.#statistics = new Float32Array(buffer, this.#kernel.featuresAt(), 8);
    this.#pairsA = new Uint8Array(buffer, this.#kernel.pairsAt(0), 64);
    this.#pairsB = new Uint8Array(buffer, this.#kernel.pairsAt(1), 64);
    this.#similarities = new Float32Array(buffer, this.#kernel.pairsAt(2), 64);
    this.#slots = [this.#kernel.templateAt(0), this.#kernel.templateAt(1)];
    writeParameters(parameters, buffer, this.#kernel.parametersAt());
  }

  /** Computes the invariants of one impression, once for all its comparisons. */
  prepare(template: MinutiaeTemplate): MtmTemplate {
    return prepareTemplate(template, this.parameters);
  }

  /** The comparison score alone, without allocation. */
  score(probe: MtmTemplate, reference: MtmTemplate): number {
    this.#run(probe, reference);
    return hullScore(this.#statistics, this.parameters);
  }

  /** The score with what it rests on. */
  compare(probe: MtmTemplate, reference: MtmTemplate): MtmComparison {
    const swapped = this.#run(probe, reference);
    const score = hullScore(this.#statistics, this.parameters);
    const { seeds, matched } = this.statistics();
    const pairs: MinutiaPair[] = [];
    for (let p = 0; p < matched; p++) {
      const [inProbe, inReference] = swapped ? [this.#pairsB[p], this.#pairsA[p]] : [this.#pairsA[p], this.#pairsB[p]];
      pairs.push({
        probe: probe.chosen[inProbe],
        reference: reference.chosen[inReference],
        similarity: this.#similarities[p],
        regained: p >= seeds,
      });
    }
    const alignment = alignmentOf(pairs, probe.template, reference.template);
    return alignment === undefined ? { score, pairs } : { score, pairs, alignment };
  }

  /** Counts and sums of the comparison made last. */
  statistics(): MatchStatistics {
    const [first, second, seeds, matched, missedA, missedB] = this.#statistics;
    return { first, second, seeds, matched, missedA, missedB };
  }

  /** Symmetric by construction: the two templates always take the same roles. */
  #run(probe: MtmTemplate, reference: MtmTemplate): boolean {
    const swapped = (probe.chosen.length - reference.chosen.length || probe.key - reference.key) > 0;
    this.#load(0, swapped ? reference : probe);
    this.#load(1, swapped ? probe : reference);
    this.#kernel.compare();
    return swapped;
  }

  #load(slot: 0 | 1, template: MtmTemplate): void {
    if (this.#loaded[slot] === template) return;
    this.#memory.set(template.bytes, this.#slots[slot]);
    this.#loaded[slot] = template;
  }
}
