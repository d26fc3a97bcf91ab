import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { realData } from '../support/data.ts';
import { spread, type Figure } from './figures.ts';
import { benchRecognition } from './recognition.ts';

/** Pictures of 300 × 300 to work on: enough for steady figures, few enough for a quick run. */
const PICTURES = 24;

const withPeer = process.argv.includes('--peer');
const folder = realData('images/fvc2002-db3');
if (folder === undefined) {
  console.log('skipped: the pictures of images/fvc2002-db3 are not on this machine');
} else {
  const files = readdirSync(folder)
    .sort()
    .slice(0, PICTURES)
    .map((name) => join(folder, name));
  print(await benchRecognition(files, withPeer));
}
if (!withPeer) console.log('beside a peer (needs java and mvn): npm run bench -- --peer');

/** Minimum, median and maximum over the rounds; the ratio is ours to the peer's, of the medians. */
function print(figures: readonly Figure[]): void {
  const row = (...cells: string[]): void => {
    console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(46) : cell.padStart(11))).join(''));
  };
  row('', 'min', 'median', 'max', 'unit', 'SourceAFIS', 'ratio');
  for (const { what, unit, rounds, peer } of figures) {
    const ours = spread(rounds);
    const theirs = peer && spread(peer);
    const show = (value: number): string => value.toFixed(unit === 'ms' ? 2 : 0);
    row(
      what,
      show(ours.min),
      show(ours.median),
      show(ours.max),
      unit,
      theirs ? show(theirs.median) : '-',
      theirs ? (ours.median / theirs.median).toFixed(2) : '-',
    );
  }
}
