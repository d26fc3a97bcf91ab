import { readFile } from 'node:fs/promises';
import { decodeTemplate, type TouchTemplate } from '../device/gallery/template-codec.ts';
import { MtmMatcher } from '../device/matching/mtm/matcher.ts';
import { type MtmParameters, paper, tuned } from '../device/matching/mtm/parameters.ts';
import { MinutiaeExtractor } from '../device/minutiae/extract.ts';
import { acquire } from './acquisition.ts';
import { type ErrorRates, errorRates } from './error-rates.ts';
import { pairIndex } from './pair-index.ts';
import type { PrintSet } from './print-set.ts';
import { everyPair } from './protocols.ts';

/** The Minutia Tensor Matrix with one part after the other switched off, and as its paper has it. */
export const ABLATIONS: Readonly<Record<string, MtmParameters>> = {
  whole: tuned,
  'no minutia types': { ...tuned, otherTypeNeighbour: 1, otherTypeCentre: 1 },
  'no minutia quality': { ...tuned, leastWeight: 1 },
  'no agreement: formula (14)': { ...tuned, agreement: false, hullPower: 1 },
  'no hull': { ...tuned, hullPower: 0 },
  'no regaining (MLS)': { ...tuned, regain: false },
  'local level only': { ...tuned, global: false, regain: false },
  'local level only, formula (15)': { ...tuned, global: false, regain: false, agreement: false, hullPower: 1 },
  'the paper’s constants': paper,
};

export interface AblationRow {
  readonly part: string;
  /** One for each set, every pair of its prints compared. */
  readonly rates: readonly ErrorRates[];
}

/** Score of a comparison with a print that could not be acquired. */
const LOWEST = -1;

/** Acquires each print once, then compares every pair of each set in every variant. */
export async function ablate(
  sets: readonly PrintSet[],
  progress: (done: number, total: number) => void,
): Promise<AblationRow[]> {
  const extractor = new MinutiaeExtractor();
  const total = sets.reduce((sum, { prints }) => sum + prints.length, 0);
  const acquired: { set: PrintSet; touches: (TouchTemplate | undefined)[] }[] = [];
  let done = 0;
  for (const set of sets) {
    const touches: (TouchTemplate | undefined)[] = [];
    for (const { path, file } of set.prints) {
      const result = await acquire(await readFile(path), file, set.dpi, extractor);
      touches.push(result.kind === 'acquired' ? decodeTemplate(result.template) : undefined);
      progress(++done, total);
    }
    acquired.push({ set, touches });
  }
  return Object.entries(ABLATIONS).map(([part, parameters]) => {
    const matcher = new MtmMatcher(parameters);
    const rates = acquired.map(({ set, touches }) => {
      const prepared = touches.map((touch) => touch && matcher.prepare(touch.minutiae));
      const scores = new Float64Array((prepared.length * (prepared.length - 1)) / 2).fill(LOWEST);
      prepared.forEach((probe, second) => {
        prepared.slice(0, second).forEach((reference, first) => {
          if (probe && reference) scores[pairIndex(first, second)] = matcher.score(probe, reference);
        });
      });
      return errorRates(everyPair(set, scores));
    });
    return { part, rates };
  });
}
