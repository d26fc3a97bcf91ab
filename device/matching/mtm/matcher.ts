import type { MinutiaeTemplate } from '../../minutiae/minutia.ts';
import { startKernel, type Kernel } from '../../wasm.ts';
import { alignmentOf } from './alignment.ts';
import type { MinutiaPair, MtmComparison } from './comparison.ts';
import { type MtmParameters, tuned, writeParameters } from './parameters.ts';
import { hullScore, STATISTICS, statisticsOf } from './score.ts';
import { type MtmTemplate, prepareTemplate } from './template.ts';
import type { MtmTrace } from './trace.ts';

interface MtmKernel extends Kernel {
  templateAt(slot: number): number;
  parametersAt(): number;
  pairsAt(which: number): number;
  statisticsAt(): number;
  traceAt(which: number): number;
  nodeCount(): number;
  hullSize(which: number): number;
  compare(): number;
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
    this.#statistics = new Float32Array(buffer, this.#kernel.statisticsAt(), STATISTICS);
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
  compare(probe: MtmTemplate, reference: MtmTemplate, trace?: MtmTrace): MtmComparison {
    const swapped = this.#run(probe, reference);
    const score = hullScore(this.#statistics, this.parameters);
    const { seeds, matched } = statisticsOf(this.#statistics);
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
    if (trace) this.#report(probe, reference, swapped, pairs, trace);
    const alignment = alignmentOf(pairs, probe.template, reference.template);
    return alignment === undefined ? { score, pairs } : { score, pairs, alignment };
  }

  #report(
    probe: MtmTemplate,
    reference: MtmTemplate,
    swapped: boolean,
    pairs: readonly MinutiaPair[],
    trace: MtmTrace,
  ): void {
    const { buffer } = this.#kernel.memory;
    const at = (which: number): number => this.#kernel.traceAt(which);
    const count = this.#kernel.nodeCount();
    const [a, b] = [new Uint8Array(buffer, at(0), count), new Uint8Array(buffer, at(1), count)];
    const similarity = new Float32Array(buffer, at(2), count);
    const starts = new Int32Array(buffer, at(3), count + 1);
    const columns = new Uint16Array(buffer, at(4), starts[count]);
    const values = new Float32Array(buffer, at(5), starts[count]);
    const whole = new Float32Array(count * count);
    for (let row = 0; row < count; row++) {
      whole[row * count + row] = similarity[row];
      for (let entry = starts[row]; entry < starts[row + 1]; entry++)
        whole[row * count + columns[entry]] = values[entry];
    }
    const [fromProbe, fromReference] = swapped ? [b, a] : [a, b];
    trace(
      'T1',
      Array.from(similarity, (value, node) => ({
        probe: probe.chosen[fromProbe[node]],
        reference: reference.chosen[fromReference[node]],
        similarity: value,
      })),
    );
    trace('TF', whole);
    trace('eigenvector', new Float32Array(buffer, at(6), count).slice());
    trace(
      'pairs',
      pairs.filter((pair) => !pair.regained),
    );
    trace(
      'regained',
      pairs.filter((pair) => pair.regained),
    );
    trace('agreement', new Float32Array(buffer, at(7), pairs.length).slice());
    const corners = (side: 0 | 1, template: MtmTemplate): number[] => {
      const closed = new Uint8Array(buffer, at(8 + side), this.#kernel.hullSize(side));
      return Array.from(closed.subarray(0, Math.max(1, closed.length - 1)), (minutia) => template.chosen[minutia]);
    };
    trace('hulls', {
      probe: corners(swapped ? 1 : 0, probe),
      reference: corners(swapped ? 0 : 1, reference),
    });
    trace('statistics', statisticsOf(this.#statistics));
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
