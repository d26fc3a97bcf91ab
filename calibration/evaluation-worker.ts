import { readFile } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';
import { decodeTemplate } from '../device/gallery/template-codec.ts';
import { MinutiaeExtractor } from '../device/minutiae/extract.ts';
import { acquire, type Acquisition } from './acquisition.ts';
import { comparisonMethod } from './matchers.ts';

/** What a thread of the evaluation can be asked for. */
export type EvaluationTask =
  | { readonly kind: 'acquire'; readonly path: string; readonly dpi: number }
  /** Takes the templates of a set, by print; undefined where the print could not be acquired. */
  | {
      readonly kind: 'load';
      readonly templates: readonly (Uint8Array | undefined)[];
      readonly matchers: readonly string[];
    }
  /** Compares one print as the probe with every print before it. */
  | { readonly kind: 'compare'; readonly probe: number };

export type EvaluationAnswer =
  | { readonly kind: 'acquired'; readonly acquisition: Acquisition }
  | { readonly kind: 'loaded' }
  | {
      readonly kind: 'compared';
      /** By matcher, then by reference. */
      readonly scores: readonly Float64Array[];
      /** Microseconds by reference, all matchers together; NaN where there was nothing to compare. */
      readonly micros: Float64Array;
    };

type CompareWithEarlier = (probe: number) => EvaluationAnswer;

const extractor = new MinutiaeExtractor();
let compareWithEarlier: CompareWithEarlier | undefined;

function load(templates: readonly (Uint8Array | undefined)[], names: readonly string[]): CompareWithEarlier {
  const places = new Map<number, number>();
  const touches = templates.flatMap((bytes, print) => {
    if (bytes === undefined) return [];
    places.set(print, places.size);
    return [decodeTemplate(bytes)];
  });
  const matchers = names.map((name) => {
    const method = comparisonMethod(name);
    return { lowest: method.lowest, score: method.comparerOf(touches) };
  });
  return (print) => {
    const scores = matchers.map(({ lowest }) => new Float64Array(print).fill(lowest));
    const micros = new Float64Array(print).fill(NaN);
    const probe = places.get(print);
    for (let other = 0; other < print; other++) {
      const reference = places.get(other);
      if (probe === undefined || reference === undefined) continue;
      const startedAt = performance.now();
      matchers.forEach(({ score }, m) => (scores[m][other] = score(probe, reference)));
      micros[other] = 1000 * (performance.now() - startedAt);
    }
    return { kind: 'compared', scores, micros };
  };
}

async function answer(task: EvaluationTask): Promise<EvaluationAnswer> {
  switch (task.kind) {
    case 'acquire':
      return { kind: 'acquired', acquisition: await acquireFile(task.path, task.dpi) };
    case 'load':
      compareWithEarlier = load(task.templates, task.matchers);
      return { kind: 'loaded' };
    case 'compare':
      if (compareWithEarlier === undefined) throw new Error('asked to compare before templates were loaded');
      return compareWithEarlier(task.probe);
  }
}

async function acquireFile(path: string, dpi: number): Promise<Acquisition> {
  try {
    return await acquire(await readFile(path), path, dpi, extractor);
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on('message', (task: EvaluationTask) => {
  void answer(task).then((result) => parentPort?.postMessage(result));
});
