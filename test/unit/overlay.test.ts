import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { drawMinutiae, renderPng } from '../../device/minutiae/overlay.ts';
import { drawPairs } from '../../device/minutiae/pair-overlay.ts';
import { randomFinger } from '../support/minutiae.ts';
import { ringPrint } from '../support/image-files.ts';

const template = randomFinger(3, 30);
const image = ringPrint(300, 300);
const count = (svg: string, pattern: RegExp) => svg.match(pattern)?.length ?? 0;

void test('every minutia is drawn by its type, with the picture under it', async () => {
  const endings = template.minutiae.filter(({ type }) => type === 'ending').length;
  const svg = await drawMinutiae(template, image);
  assert.match(svg, /^<svg .*<\/svg>$/s);
  // A white edge and a colour for each, and one in the legend.
  assert.equal(count(svg, /<circle/g), 2 * (endings + 1));
  assert.equal(count(svg, /href="data:image\/png/g), 1);
  assert.ok(svg.includes(`${endings} endings`) && svg.includes(`${30 - endings} bifurcations`));
});

void test('the tick points along the direction as seen', async () => {
  const lone = { x: 100, y: 100, direction: Math.PI / 2, type: 'ending', quality: 100 } as const;
  const svg = await drawMinutiae({ ...template, minutiae: [lone] });
  assert.match(svg, /M100 96\.8L100 90"/, 'a quarter turn is upwards');
});

void test('the PNG shows the marks in their colours', async () => {
  const lone = { x: 100, y: 100, direction: 0, type: 'ending', quality: 100 } as const;
  const png = await renderPng(await drawMinutiae({ ...template, minutiae: [lone] }));
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  assert.equal(info.width, 600);
  const tick = (200 * info.width + 214) * 3;
  const [red, green, blue] = data.subarray(tick, tick + 3);
  assert.ok(red < 60 && green > 100 && blue > 100, `teal, not ${red},${green},${blue}`);
});

void test('pairs are joined, and the score stands above', async () => {
  const pairs = [
    { probe: 0, reference: 1, regained: false },
    { probe: 2, reference: 0, regained: true },
  ];
  const svg = await drawPairs({ template, image }, { template }, { score: 12.345, pairs });
  assert.ok(svg.includes('score 12.35') && svg.includes('1 matched') && svg.includes('1 regained'));
  assert.equal(count(svg, /stroke-opacity="0.55"/g), 2);
  const { width, height } = await sharp(await renderPng(svg)).metadata();
  assert.deepEqual([width, height], [2 * 600 + 40 + 32, 600 + 64 + 16]);
});
