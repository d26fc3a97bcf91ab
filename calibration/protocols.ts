import type { Comparisons } from './error-rates.ts';
import { pairIndex } from './pair-index.ts';
import type { PrintSet } from './print-set.ts';

/** Makes the comparisons that are judged from the scores of every pair of prints of a set. */
export type Protocol = (set: PrintSet, scores: Float64Array) => Comparisons;

/** How many impressions of each finger the second protocol enrols, by their numbers from 1, and how many it tries. */
export const ENROLLED = 4;
const TRIED = 4;

/** Every pair of impressions of the set once. */
export const everyPair: Protocol = (set, scores) => {
  const fingers = fingerNumbers(set);
  const references = new Uint32Array(scores.length);
  const probes = new Uint32Array(scores.length);
  for (let probe = 0; probe < fingers.length; probe++) {
    for (let reference = 0; reference < probe; reference++) {
      const pair = pairIndex(reference, probe);
      references[pair] = fingers[reference];
      probes[pair] = fingers[probe];
    }
  }
  return { scores, references, probes };
};

/** Impressions 1 to 4 of each finger are enrolled, 5 to 8 tried against every finger; its best touch counts. */
export const fourTouches: Protocol = (set, scores) => {
  const rows: { score: number; reference: number; probe: number }[] = [];
  eachTry(set, scores, (reference, probe, touches) => rows.push({ score: Math.max(...touches), reference, probe }));
  return {
    scores: Float64Array.from(rows, ({ score }) => score),
    references: Uint32Array.from(rows, ({ reference }) => reference),
    probes: Uint32Array.from(rows, ({ probe }) => probe),
  };
};

/** Calls `visit` with an enrolled finger, a tried finger, and the try's scores against each enrolled touch. */
export function eachTry(
  set: PrintSet,
  scores: Float64Array,
  visit: (reference: number, probe: number, touches: readonly number[]) => void,
): void {
  const fingers = fingerNumbers(set);
  const enrolled = set.fingers.map((): number[] => []);
  set.prints.forEach(({ impression }, print) => {
    if (impression >= 1 && impression <= ENROLLED) enrolled[fingers[print]].push(print);
  });
  set.prints.forEach(({ impression }, probe) => {
    if (impression <= ENROLLED || impression > ENROLLED + TRIED) return;
    enrolled.forEach((prints, reference) => {
      if (prints.length === 0) return;
      visit(
        reference,
        fingers[probe],
        prints.map((print) => scores[pairIndex(print, probe)]),
      );
    });
  });
}

/** The number of each print's finger. */
function fingerNumbers(set: PrintSet): Uint32Array {
  const numbers = new Map(set.fingers.map((finger, number) => [finger, number]));
  return Uint32Array.from(set.prints, ({ finger }) => numbers.get(finger) ?? 0);
}
