import { ablate } from '../../calibration/ablation.ts';
import { readPrintSet } from '../../calibration/print-set.ts';
import type { CommandContext } from './command.ts';
import { table } from './table.ts';

/** Pixels per inch of images whose folder states no other. */
const DPI = 500;

export function register({ program, output }: CommandContext): void {
  program
    .command('ablation')
    .description('error rates of the minutia matcher with each of its parts switched off in turn')
    .argument('<folders...>', 'folders of prints or minutiae records; <folder>@<dpi> where images are not of 500 dpi')
    .action(async (folders: string[]) => {
      const out = output();
      const sets = folders.map((folder) => readPrintSet(folder, DPI));
      const startedAt = Date.now();
      const rows = await ablate(sets, (done, total) => {
        out.progress('prints', done, total, startedAt);
      });
      out.result(
        rows.map(({ part, rates }) => ({ part, rates: rates.map((one, at) => ({ set: sets[at].name, ...one })) })),
      );
      const percent = (eer: number, fnmr: number): string => `${(100 * eer).toFixed(2)} / ${(100 * fnmr).toFixed(2)}`;
      const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
      const lines = rows.map(({ part, rates }) => [
        part,
        ...rates.map(({ eer, fnmrAtFmr01 }) => percent(eer, fnmrAtFmr01)),
        percent(mean(rates.map(({ eer }) => eer)), mean(rates.map(({ fnmrAtFmr01 }) => fnmrAtFmr01))),
      ]);
      for (const line of table(['EER / FNMR at FMR 0.1 %, percent', ...sets.map(({ name }) => name), 'mean'], lines))
        out.line(line);
    });
}
