import { linkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePng } from '../../device/imaging/encode.ts';
import { growFinger } from '../../models/synthesis/finger.ts';
import { drawImpression } from '../../models/synthesis/impression.ts';
import { sensorModel } from '../../models/synthesis/sensors.ts';

/**
 * Fills a folder with easy touches of fingers that nobody has: `1_1.png`, `1_2.png` …
 *
 * @param times how often each is there, under other numbers: a terminal stops when it has had them all
 */
export async function drawFolder(folder: string, fingers: number, impressions: number, times = 1): Promise<void> {
  for (let finger = 1; finger <= fingers; finger++) {
    const grown = growFinger(1000 + finger);
    for (let number = 1; number <= impressions; number++) {
      const { image } = drawImpression(grown, sensorModel('optical'), number, { condition: 'good', severity: 0.5 });
      const drawn = join(folder, `${finger}_${number}.png`);
      writeFileSync(drawn, await encodePng(image));
      for (let again = 1; again < times; again++)
        linkSync(drawn, join(folder, `${finger}_${again * impressions + number}.png`));
    }
  }
}
