import { stripVTControlCharacters } from 'node:util';
import colors from 'picocolors';

/** Lines of a table for people: columns as wide as they need, numbers (by the cell's type) to the right. */
export function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => stripVTControlCharacters(String(row[column])).length)),
  );
  const line = (cells: readonly (string | number)[]): string =>
    cells
      .map((cell, column) => {
        const gap = ' '.repeat(widths[column] - stripVTControlCharacters(String(cell)).length);
        return typeof cell === 'number' ? `${gap}${cell}` : `${cell}${gap}`;
      })
      .join('  ')
      .trimEnd();
  return [colors.bold(line(header)), ...rows.map(line)];
}
