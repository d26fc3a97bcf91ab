import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { WhorlError } from '../../device/errors.ts';
import type { GrayImage } from '../../device/imaging/gray-image.ts';
import { applyProfile, type SensorProfile } from '../../device/imaging/sensor-profile.ts';
import { CalibratedSensor } from '../../device/sensor/calibrated-sensor.ts';
import { profilePath, readProfile, writeProfile } from '../../device/sensor/profile-file.ts';
import { ScriptedSensor } from '../support/fake-parts.ts';
import { scratch } from '../support/scratch.ts';

const OURS = { model: 'scripted', serial: '1' };
const WIDTH = 40;
const HEIGHT = 48;
const PIXELS = WIDTH * HEIGHT;

const plain: SensorProfile = {
  ...{ width: WIDTH, height: HEIGHT, dpi: 515, polarity: 'dark-ridges', dead: [] },
  usable: { left: 0, top: 0, width: WIDTH, height: HEIGHT },
};
/** The plate's right edge answers a quarter as strongly as its left one. */
const uneven: SensorProfile = {
  ...plain,
  fields: {
    empty: Uint8Array.from({ length: PIXELS }, (_, at) => 240 - 3 * (at % WIDTH)),
    full: Uint8Array.from({ length: PIXELS }, () => 40),
  },
  dead: [0, 3 * WIDTH + 5, PIXELS - 1],
};

function image(grayAt: (at: number) => number): GrayImage {
  return { width: WIDTH, height: HEIGHT, dpi: 500, pixels: Uint8Array.from({ length: PIXELS }, (_, at) => grayAt(at)) };
}

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof WhorlError && error.code === code;
}

test('a profile evens what an uneven plate shows, and neighbours stand in for dead pixels', () => {
  const { fields } = uneven;
  assert.ok(fields);
  const half = applyProfile(
    image((at) => (uneven.dead.includes(at) ? 255 : (fields.empty[at] + fields.full[at]) / 2)),
    uneven,
  );
  assert.equal(half.dpi, 515);
  const grays = [...half.pixels];
  assert.ok(Math.max(...grays) - Math.min(...grays) <= 2, `${Math.min(...grays)} … ${Math.max(...grays)}`);
  for (const at of uneven.dead) assert.ok(Math.abs(half.pixels[at] - half.pixels[at === 0 ? 1 : at - 1]) <= 2);
});

test('a profile turns bright ridges dark and cuts off what cannot be seen', () => {
  const usable = { left: 3, top: 2, width: 10, height: 12 };
  const seen = applyProfile(
    image((at) => at % 256),
    { ...plain, polarity: 'light-ridges', usable },
  );
  assert.deepEqual([seen.width, seen.height, seen.pixels.length], [10, 12, 120]);
  assert.equal(seen.pixels[0], 255 - ((2 * WIDTH + 3) % 256));
  assert.equal(seen.pixels[119], 255 - ((13 * WIDTH + 12) % 256));
});

test('a profile for captures of another size is refused', () => {
  assert.throws(
    () => applyProfile({ width: 10, height: 10, dpi: 500, pixels: new Uint8Array(100) }, plain),
    hasCode('imaging.other-sensor'),
  );
});

test('a profile comes back from disk as it was, and there is none for other sensors', (t) => {
  const state = scratch(t);
  for (const profile of [plain, uneven]) {
    const path = writeProfile(state, OURS, profile);
    assert.equal(path, profilePath(state, OURS));
    assert.deepEqual(readProfile(state, OURS), profile);
  }
  assert.equal(readProfile(state, { ...OURS, serial: '2' }), undefined);
  assert.equal(readProfile(state, { model: 'scripted' }), undefined);
  const withoutSerial = { model: '../../R503' };
  assert.ok(writeProfile(state, withoutSerial, plain).startsWith(state));
  assert.deepEqual(readProfile(state, withoutSerial), plain);
});

test('a profile that was copied from another sensor is refused by name', (t) => {
  const state = scratch(t);
  const theirs = { model: 'scripted', serial: '2' };
  copyFileSync(writeProfile(state, theirs, uneven), profilePath(state, OURS));
  assert.throws(
    () => readProfile(state, OURS),
    (error) => hasCode('sensor.other-profile')(error) && String(error).includes('scripted 2'),
  );
});

test('a profile that was cut short anywhere, or altered, is refused whole', (t) => {
  const state = scratch(t);
  const path = writeProfile(state, OURS, uneven);
  const whole = readFileSync(path, 'utf8');
  // The last character is the line's end.
  for (let length = 0; length < whole.length - 1; length += 7) {
    truncateSync(path, length);
    assert.throws(() => readProfile(state, OURS), hasCode('sensor.bad-profile'), `cut at ${length}`);
    writeFileSync(path, whole);
  }
  const altered: readonly ((profile: Record<string, unknown>) => unknown)[] = [
    (profile) => ({ ...profile, version: 2 }),
    (profile) => ({ ...profile, dead: [PIXELS] }),
    (profile) => ({ ...profile, dpi: 5 }),
    (profile) => ({ ...profile, usable: { left: 1, top: 0, width: WIDTH, height: HEIGHT } }),
    (profile) => ({ ...profile, fields: { empty: fieldOf(PIXELS - 1), full: fieldOf(PIXELS) } }),
    (profile) => ({ ...profile, fields: { empty: fieldOf(PIXELS), full: fieldOf(200 * PIXELS) } }),
    (profile) => ({ ...profile, fields: { empty: fieldOf(PIXELS), full: 'AAAA' } }),
    (profile) => ({ ...profile, unknown: 1 }),
    () => [],
  ];
  for (const alter of altered) {
    writeFileSync(path, JSON.stringify(alter(JSON.parse(whole) as Record<string, unknown>)));
    assert.throws(() => readProfile(state, OURS), hasCode('sensor.bad-profile'), String(alter));
  }
});

test('a sensor is corrected from the touch on after its profile was written, and says when that is no profile', async (t) => {
  const state = scratch(t);
  const { signal } = new AbortController();
  const picture = image((at) => 100 + (at % 7));
  const touch = { kind: 'image', image: picture, origin: 'Ada' } as const;
  const sensor = new CalibratedSensor(new ScriptedSensor([touch, touch, touch, touch]), state);
  assert.deepEqual(await sensor.capture(signal), touch);

  const path = writeProfile(state, OURS, uneven);
  const corrected = await sensor.capture(signal);
  assert.deepEqual(corrected, { ...touch, image: applyProfile(picture, uneven) });
  assert.equal(sensor.describe().dpi, 515);

  writeFileSync(path, '{');
  utimesSync(path, 1, 1);
  await assert.rejects(sensor.capture(signal), hasCode('sensor.bad-profile'));
  writeProfile(state, OURS, plain);
  assert.deepEqual(await sensor.capture(signal), { ...touch, image: { ...picture, dpi: 515 } });
});

test('where a profile cannot be kept, that is said', (t) => {
  const state = scratch(t);
  const path = profilePath(state, OURS);
  mkdirSync(dirname(dirname(path)), { recursive: true });
  writeFileSync(dirname(path), 'in the way');
  assert.throws(() => writeProfile(state, OURS, plain), hasCode('sensor.unwritable-profile'));
});

function fieldOf(length: number): string {
  return deflateSync(new Uint8Array(length)).toString('base64');
}
