import { readFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { benchRecognition } from '../../calibration/bench-recognition.ts';
import { spread, type Figure } from '../../calibration/figures.ts';
import { table } from '../../device/cli/table.ts';
import { decodeImage } from '../../device/imaging/decode.ts';
import { realData } from '../support/data.ts';
import { benchLatentScan, benchLatentScanInC } from './latent-scan.ts';
import { benchAccess } from './access.ts';
import { measureSourceAfis } from './source-afis.ts';
import { benchSynthesis } from './synthesis.ts';

const ROUNDS = 9;
/** Enough for steady figures, few enough for a quick run. */
const PICTURES = 24;
/** Bytes of a latent. */
const LATENT = 256;

const [folder = realData('images/fvc2002-db3')] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
if (folder === undefined) {
  console.log('no real prints here: name a folder of PNG files, or see what `npm run -s whorl -- bench` measures');
} else {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.png'))
    .sort()
    .slice(0, PICTURES)
    .map((name) => join(folder, name));
  const images = await Promise.all(files.map(async (file) => decodeImage(await readFile(file))));
  const { extraction, comparison, size } = benchRecognition(images, ROUNDS);
  const peer = process.argv.includes('--peer') ? await measureSourceAfis(files, ROUNDS) : undefined;
  const rows = [row(extraction, peer?.extractMs), row(comparison, peer?.comparisonsPerSecond), row(size)];
  const title = `${files.length} prints, ${images[0].width} × ${images[0].height}, one core`;
  for (const line of table([title, 'min', 'median', 'max', 'unit', 'SourceAFIS', 'ratio'], rows)) console.log(line);
  if (!peer) console.log('beside a peer in the same run (needs java and mvn): npm run bench -- --peer');
}

const scanned = row(benchLatentScan(LATENT, ROUNDS), benchLatentScanInC(LATENT, ROUNDS));
for (const line of table(['gallery, one core', 'min', 'median', 'max', 'unit', 'C loop', 'ratio'], [scanned]))
  console.log(line);

const { access, door, verdict } = await benchAccess(ROUNDS);
for (const line of table(
  ['verdict with 10,000 people and 1,000 rules', 'min', 'median', 'max', 'unit', '', ''],
  [access, door, verdict].map((figure) => row(figure)),
))
  console.log(line);

const { fingers, impressions } = benchSynthesis(ROUNDS);
const drawn = [fingers, ...impressions.values()].map((figure) => row(figure));
for (const line of table(['artificial prints, one core', 'min', 'median', 'max', 'unit', '', ''], drawn))
  console.log(line);

/** The peer's column and the ratio (ours to the peer's) are medians. */
function row({ what, unit, rounds }: Figure, peer?: readonly number[]): (string | number)[] {
  const { min, median, max } = spread(rounds);
  const shown = (value: number): number => Number(value.toFixed(unit === 'ms' ? 2 : 0));
  const theirs = peer && spread(peer).median;
  return [
    what,
    ...[min, median, max].map(shown),
    unit,
    ...(theirs === undefined ? ['', ''] : [shown(theirs), Number((median / theirs).toFixed(2))]),
  ];
}
