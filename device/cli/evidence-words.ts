import type { Evidence } from '../matching/decision/evidence.ts';

const SUPPORT: Readonly<Record<Evidence['support'], string>> = {
  measured: 'measured',
  extrapolated: 'extrapolated',
  'beyond-data': 'extrapolated beyond what the data carry',
};

/** What a false match rate means, for people. */
export function strangersShare({ fmr, support }: Evidence): string {
  const one = Number((1 / fmr).toPrecision(2)).toLocaleString('en');
  return `a stranger's finger scores as high in 1 in ${one} comparisons (${SUPPORT[support]})`;
}
