import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeImage } from '../../device/imaging/decode.ts';
import { encodePng } from '../../device/imaging/encode.ts';
import { inverted, polarityOf } from '../../device/imaging/polarity.ts';
import { realData, skipWithout } from '../support/data.ts';
import { ringPrint } from '../support/image-files.ts';

void test('light ridges are found out and turned dark', async () => {
  const print = ringPrint(260, 300);
  assert.equal(polarityOf(print), 'dark-ridges');
  assert.equal(polarityOf(inverted(print)), 'light-ridges');
  const turned = await decodeImage(await encodePng(inverted(print)));
  assert.deepEqual([...turned.pixels], [...print.pixels]);
});

void test('a stated polarity wins', async () => {
  const print = ringPrint(260, 300);
  const kept = await decodeImage(await encodePng(inverted(print)), { polarity: 'dark-ridges' });
  assert.deepEqual([...kept.pixels], [...inverted(print).pixels]);
  const turned = await decodeImage(await encodePng(print), { polarity: 'light-ridges' });
  assert.deepEqual([...turned.pixels], [...inverted(print).pixels]);
});

void test('a picture that tells nothing is taken for dark ridges', () => {
  const blank = { width: 100, height: 100, dpi: 500, pixels: new Uint8Array(10_000).fill(128) };
  assert.equal(polarityOf(blank), 'dark-ridges');
});

// On all 2,496 files of the six sets and their windows none is taken for light; this is a part of them, for time.
const sets = ['crossmatch', 'fvc2002-db1', 'fvc2002-db3', 'fvc2004-db2', 'fvc2004-db3', 'uareu'];
void test(
  'real prints of six sensors are dark, inverted ones light',
  { skip: skipWithout('images/uareu') },
  async () => {
    let lightFound = 0;
    let asked = 0;
    for (const set of sets) {
      const folder = realData(`images/${set}`) ?? '';
      for (const file of readdirSync(folder).filter((_, index) => index % 10 === 0)) {
        const image = await decodeImage(readFileSync(join(folder, file)), { polarity: 'dark-ridges' });
        assert.equal(polarityOf(image), 'dark-ridges', `${set}/${file}`);
        if (polarityOf(inverted(image)) === 'light-ridges') lightFound++;
        asked++;
      }
    }
    assert.ok(lightFound / asked >= 0.94, `${lightFound} of ${asked} inverted prints were found out`);
  },
);
