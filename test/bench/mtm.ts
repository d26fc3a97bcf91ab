import { readFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { spread, timed } from '../../calibration/figures.ts';
import { table } from '../../device/cli/table.ts';
import { MtmMatcher } from '../../device/matching/mtm/matcher.ts';
import type { MinutiaeTemplate } from '../../device/minutiae/minutia.ts';
import { readRecord } from '../../device/minutiae/read-record.ts';
import { templateOf } from '../../device/minutiae/record.ts';
import { realData } from '../support/data.ts';
import { randomFinger } from '../support/minutiae.ts';

// Comparisons a second on one core: every pair of a set, as an identification meets them (nearly all impostors).

const ROUNDS = 7;
const SETS = ['fvc2002-db1', 'fvc2002-db3', 'fvc2004-db2', 'fvc2004-db3'];
const matcher = new MtmMatcher();

async function records(folder: string): Promise<MinutiaeTemplate[]> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.iso'));
  return Promise.all(files.map(async (name) => templateOf(readRecord(await readFile(join(folder, name))))));
}

function row(name: string, templates: readonly MinutiaeTemplate[]): (string | number)[] {
  const prepared = templates.map((template) => matcher.prepare(template));
  const pairs = (prepared.length * (prepared.length - 1)) / 2;
  const compared = timed(ROUNDS, () => {
    for (const probe of prepared) {
      for (const reference of prepared) {
        if (reference === probe) break;
        matcher.score(probe, reference);
      }
    }
  });
  const prepare = timed(ROUNDS, () => {
    for (const template of templates) matcher.prepare(template);
  });
  const { min, median, max } = spread(compared.map((ms) => Math.round((1000 * pairs) / ms)));
  const minutiae = templates.reduce((sum, template) => sum + template.minutiae.length, 0) / templates.length;
  const ms = spread(prepare).median / templates.length;
  return [name, Number(minutiae.toFixed(1)), min, median, max, Number(ms.toFixed(3))];
}

const rows: (string | number)[][] = [];
for (const set of SETS) {
  const folder = realData(`minutiae/${set}-secugen-iso`);
  if (folder !== undefined) rows.push(row(basename(folder), await records(folder)));
}
for (const count of [20, 35, 45, 64]) {
  rows.push(
    row(
      'random minutiae',
      Array.from({ length: 40 }, (_, seed) => randomFinger(seed + 1, count)),
    ),
  );
}
for (const line of table(['set', 'minutiae', 'min /s', 'median /s', 'max /s', 'prepare ms'], rows)) console.log(line);
