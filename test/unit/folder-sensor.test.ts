import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import sharp from 'sharp';
import { SensorError } from '../../device/sensor/errors.ts';
import { FolderSensor } from '../../device/sensor/folder/folder-sensor.ts';
import { listImpressions } from '../../device/sensor/folder/impressions.ts';
import { openSensor, type OpenedSensor } from '../../device/sensor/open-sensor.ts';
import type { Sensor } from '../../device/sensor/sensor.ts';
import { scratch } from '../support/scratch.ts';

const picture = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#aaa' } })
  .grayscale()
  .png()
  .toBuffer();

function folderOf(context: TestContext, names: readonly string[]): string {
  const folder = scratch(context);
  for (const name of names) writeFileSync(join(folder, name), picture);
  return folder;
}

function grid(fingers: number, impressions: number): string[] {
  return Array.from(
    { length: fingers * impressions },
    (_, i) => `${1 + Math.floor(i / impressions)}_${1 + (i % impressions)}.png`,
  );
}

async function origins(sensor: Sensor): Promise<string[]> {
  const found: string[] = [];
  const { signal } = new AbortController();
  while ((await sensor.waitForFinger(signal)) === 'finger') {
    const capture = await sensor.capture(signal);
    if (capture.kind === 'image') found.push(capture.origin ?? '');
  }
  return found;
}

function open(specification: string, seed: number): OpenedSensor {
  return openSensor(specification, { seed, state: '', onEvent: () => undefined });
}

function isError(code: string): (error: unknown) => boolean {
  return (error) => error instanceof SensorError && error.code === code;
}

describe('folder sensor', () => {
  test('files are touches in the order of people, other files are passed over', (context) => {
    const folder = folderOf(context, [
      '10_1.png',
      '2_10.PNG',
      '2_9.bmp',
      'a-b_c_1.tif',
      '2_x.png',
      'notes.txt',
      '_1.png',
    ]);
    mkdirSync(join(folder, '3_1.png'));
    symlinkSync(join(folder, 'nowhere.png'), join(folder, '4_1.png'));
    assert.deepEqual(
      listImpressions(folder).map(({ finger, number }) => [finger, number]),
      [
        ['2', 9],
        ['2', 10],
        ['10', 1],
        ['a-b_c', 1],
      ],
    );
  });

  test('each touch comes once, with its file for origin, then none', async (context) => {
    const folder = folderOf(context, grid(2, 2));
    const sensor = new FolderSensor(folder, listImpressions(folder));
    assert.deepEqual(await origins(sensor), ['1_1.png', '1_2.png', '2_1.png', '2_2.png']);
    assert.deepEqual(await sensor.capture(new AbortController().signal), { kind: 'retry', reason: 'no-finger' });
    assert.equal(sensor.describe().link, `folder:${folder}`);
  });

  test('a broken file fails with a code and its name, and the next one comes', async (context) => {
    const folder = folderOf(context, grid(1, 3));
    writeFileSync(join(folder, '1_1.png'), 'no picture');
    writeFileSync(join(folder, '1_2.png'), picture.subarray(0, 60));
    const sensor = new FolderSensor(folder, listImpressions(folder));
    const { signal } = new AbortController();
    await assert.rejects(sensor.capture(signal), /1_1\.png/);
    await assert.rejects(sensor.capture(signal), isError('sensor.unreadable-image'));
    assert.deepEqual(await origins(sensor), ['1_3.png']);
  });

  test('it ends when asked and after it was closed', async (context) => {
    const folder = folderOf(context, grid(1, 3));
    const sensor = new FolderSensor(folder, listImpressions(folder));
    await assert.rejects(sensor.capture(AbortSignal.abort(new Error('asked'))), /asked/);
    await sensor.close();
    await assert.rejects(sensor.capture(new AbortController().signal), isError('sensor.closed'));
  });

  test('a rehearsal enrols three quarters of the fingers and shows only what it did not enrol', async (context) => {
    const folder = folderOf(context, grid(8, 6));
    const { sensor, rehearsal } = open(`folder:${folder}`, 1);
    assert.ok(rehearsal);
    const { enrollees, strangers } = rehearsal;
    assert.deepEqual(
      enrollees.map(({ name, touches }) => [name, touches.length]),
      ['1', '2', '3', '4', '5', '6'].map((name) => [name, 4]),
    );
    assert.equal(strangers, 2);
    const shown = await origins(sensor);
    assert.equal(shown.length, 6 * 2 + 2 * 6);
    assert.equal(new Set(shown).size, shown.length);
    for (const name of shown) assert.ok(Number(rehearsal.nameOf(name)) > 6 || /_[56]\.png$/.test(name), name);
    assert.equal(rehearsal.nameOf('012-10_3.png'), '012-10');
  });

  test('the seed decides the order', async (context) => {
    const folder = folderOf(context, grid(4, 6));
    const shown = (seed: number): Promise<string[]> => origins(open(`folder:${folder}`, seed).sensor);
    assert.deepEqual(await shown(1), await shown(1));
    assert.notDeepEqual(await shown(1), await shown(2));
    assert.deepEqual((await shown(1)).sort(), (await shown(2)).sort());
  });

  test('what cannot be a sensor is refused with a code that says what can', (context) => {
    const empty = scratch(context);
    for (const wrong of ['', 'folder', 'folder:', ':x', 'usb:1', '__proto__:x', 'constructor:x'])
      assert.throws(() => open(wrong, 1), isError('sensor.unknown-kind'), wrong);
    for (const wrong of [empty, join(empty, 'absent'), '\0'])
      assert.throws(() => open(`folder:${wrong}`, 1), isError('sensor.bad-folder'), wrong);
  });
});
