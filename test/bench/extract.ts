import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { table } from '../../device/cli/table.ts';
import { decodeImage } from '../../device/imaging/decode.ts';
import { MinutiaeExtractor } from '../../device/minutiae/extract.ts';
import { realData } from '../support/data.ts';

// Where an extraction's time goes: milliseconds up to each stage's output, one thread.
// node --import tsx test/bench/extract.ts [folder of PNG files]

const ROUNDS = 12;
const WARM_UP = 3;
const PICTURES = 10;

const folder = process.argv.at(2) ?? realData('images/fvc2002-db3');
if (folder === undefined) {
  console.log('no real prints here: name a folder of PNG files');
} else {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.png'))
    .slice(0, PICTURES);
  const images = await Promise.all(files.map(async (file) => decodeImage(await readFile(join(folder, file)))));
  const extractor = new MinutiaeExtractor();
  const spent = new Map<string, number[]>();
  const note = (stage: string, milliseconds: number): void => {
    const times = spent.get(stage) ?? [];
    times.push(milliseconds);
    spent.set(stage, times);
  };
  for (let round = 0; round < ROUNDS + WARM_UP; round++) {
    if (round === WARM_UP) spent.clear();
    for (const image of images) {
      const start = performance.now();
      let before = start;
      extractor.extract(image, (stage) => {
        const now = performance.now();
        note(stage, now - before);
        before = now;
      });
      note('whole', performance.now() - start);
    }
  }
  const at = (times: readonly number[], share: number): string =>
    times[Math.floor(share * (times.length - 1))].toFixed(2);
  const rows = [...spent].map(([stage, times]) => {
    times.sort((a, b) => a - b);
    return [stage, at(times, 0), at(times, 0.5), at(times, 0.95)];
  });
  const title = `${files.length} prints, ${images[0].width} × ${images[0].height}, ms`;
  for (const line of table([title, 'min', 'p50', 'p95'], rows)) console.log(line);
}
