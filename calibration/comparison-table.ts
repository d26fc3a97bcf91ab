import type { SetMeasurement } from './evaluation.ts';
import { pairIndex } from './pair-index.ts';

/**
 * Every comparison as CSV, `a,b,genuine,<matcher>…`, so that anyone can work the rates out again: `a` is the
 * reference, `b` the probe. File names alone name the prints of one set; of several, the set's name stands before them.
 */
export function comparisonTable(measurements: readonly SetMeasurement[]): string {
  const matchers = [...(measurements.at(0)?.scores.keys() ?? [])];
  const lines = [['a', 'b', 'genuine', ...matchers].map(field).join(',')];
  for (const { set, scores } of measurements) {
    const columns = matchers.map((name) => scores.get(name) ?? new Float64Array());
    const names = set.prints.map(({ file }) => field(measurements.length > 1 ? `${set.name}/${file}` : file));
    for (let probe = 0; probe < names.length; probe++) {
      for (let reference = 0; reference < probe; reference++) {
        const genuine = set.prints[reference].finger === set.prints[probe].finger ? 1 : 0;
        const row = columns.map((column) => column[pairIndex(reference, probe)]);
        lines.push(`${names[reference]},${names[probe]},${genuine},${row.join(',')}`);
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Quoted where the text would otherwise be read as more than one field (RFC 4180). */
function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
