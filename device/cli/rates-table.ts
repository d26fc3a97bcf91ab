import colors from 'picocolors';
import type { ProtocolName, RatesReport, SetReport } from '../../calibration/evaluation.ts';

export const PROTOCOL_NAMES: readonly ProtocolName[] = ['pairs', 'touches4'];

/** Error rates of every set, matcher and protocol, a line each. */
export function ratesTable(reports: readonly SetReport[]): string[] {
  const wide = Math.max(4, ...reports.map(({ set }) => set.length));
  const lines = [
    colors.bold(
      `${'set'.padEnd(wide)}  matcher   protocol  genuine  impostor     EER %  95 % interval   at 1 %  at 0.1 %  zeroFMR`,
    ),
  ];
  for (const { set, matchers } of reports)
    for (const [name, byProtocol] of Object.entries(matchers))
      for (const protocol of PROTOCOL_NAMES)
        lines.push(`${set.padEnd(wide)}  ${name.padEnd(8)}  ${protocol.padEnd(8)}  ${ratesRow(byProtocol[protocol])}`);
  return lines;
}

function ratesRow({ genuine, impostor, eer, eerInterval, fnmrAtFmr1, fnmrAtFmr01, zeroFmr }: RatesReport): string {
  return [
    String(genuine).padStart(7),
    String(impostor).padStart(8),
    fixed(eer, 2).padStart(8),
    `${fixed(eerInterval[0], 2)} – ${fixed(eerInterval[1], 2)}`.padStart(13),
    fixed(fnmrAtFmr1, 2).padStart(7),
    fixed(fnmrAtFmr01, 2).padStart(8),
    fixed(zeroFmr, 2).padStart(7),
  ].join('  ');
}

/** A dash where there is nothing to tell. */
export function fixed(value: number | null, digits: number): string {
  return value === null ? '–' : value.toFixed(digits);
}
