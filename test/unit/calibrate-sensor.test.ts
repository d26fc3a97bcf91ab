import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CalibrationCaptures } from '../../calibration/sensor/captures.ts';
import { measureSensor } from '../../calibration/sensor/measure-sensor.ts';
import { measureTarget } from '../../calibration/sensor/ruled-target.ts';
import { judgeSensor, worstOf } from '../../calibration/sensor/verdict.ts';
import { WhorlError } from '../../device/errors.ts';
import { applyProfile } from '../../device/imaging/sensor-profile.ts';
import { Plate, TARGET_PITCH, type Defects } from '../../device/sensor/artificial/plate.ts';
import { WORN_DEAD, wornPlate } from '../../device/sensor/artificial/worn-sensor.ts';
import { growFinger } from '../../models/synthesis/finger.ts';
import { sensorModel } from '../../models/synthesis/sensors.ts';
import { calibrationCaptures } from '../support/calibration-captures.ts';

const OPTICAL = sensorModel('optical');
const fingers = [7000, 7001, 7002, 7003].map((seed) => growFinger(seed));
const of = (defects: Defects): CalibrationCaptures => calibrationCaptures(new Plate(OPTICAL, defects), fingers);

function wordsOf(captures: CalibrationCaptures, pitch?: number): { verdict: string; words: string } {
  const findings = judgeSensor(measureSensor(captures, pitch));
  return { verdict: worstOf(findings), words: findings.map(({ words }) => words).join('; ') };
}

test('a tilted gain, twelve dead pixels and 3 % of resolution are all found, and nothing else', () => {
  const calibration = measureSensor(calibrationCaptures(wornPlate(), fingers), TARGET_PITCH);
  const { profile, findings } = calibration;
  assert.deepEqual(
    profile.dead,
    [...WORN_DEAD.keys()].sort((a, b) => a - b),
  );
  assert.equal(findings.dead.single, WORN_DEAD.size);
  assert.ok(Math.abs(profile.dpi - 515) < 1, `${profile.dpi} dpi`);
  const { gain, gainAfter } = findings;
  assert.ok(gain && gain.most > 2 * gain.least && Math.abs(gain.rises) < 0.1, JSON.stringify(gain));
  assert.ok(gainAfter && gainAfter.most - gainAfter.least < 0.05, JSON.stringify(gainAfter));
  assert.equal(worstOf(judgeSensor(calibration)), 'corrected');
});

test('a good sensor is fine', () => {
  const { verdict, words } = wordsOf(of({}), TARGET_PITCH);
  assert.equal(verdict, 'fine', words);
});

test('dead columns, a blind edge and bright ridges are told apart', () => {
  const { profile, findings } = measureSensor(of({ deadColumns: [100, 250], blind: 20, inverted: true }), TARGET_PITCH);
  assert.deepEqual(findings.dead.columns, [100, 250]);
  assert.equal(profile.polarity, 'light-ridges');
  assert.deepEqual(profile.usable, { left: 20, top: 0, width: OPTICAL.width - 20, height: OPTICAL.height });
  const good = new Plate(OPTICAL).touch(fingers[0], 9, { condition: 'good' }).image;
  const bad = new Plate(OPTICAL, { deadColumns: [100, 250], blind: 20, inverted: true });
  const corrected = applyProfile(bad.touch(fingers[0], 9, { condition: 'good' }).image, profile);
  assert.ok(
    correlation(
      corrected.pixels,
      (at) => good.pixels[20 + (at % corrected.width) + Math.floor(at / corrected.width) * good.width],
    ) > 0.95,
  );
});

test('without a target the ridges tell a resolution that is quite wrong, not one that is a little wrong', () => {
  assert.equal(wordsOf({ ...of({}), target: [] }).verdict, 'fine');
  const stretched = calibrationCaptures(new Plate({ ...OPTICAL, dpi: 500 }), fingers);
  const claiming = (dpi: number): CalibrationCaptures => ({
    empty: stretched.empty.map((image) => ({ ...image, dpi })),
    full: stretched.full.map((image) => ({ ...image, dpi })),
    target: [],
    fingers: stretched.fingers.map((image) => ({ ...image, dpi })),
  });
  const { verdict, words } = wordsOf(claiming(400));
  assert.equal(verdict, 'act', words);
  assert.match(words, /not the 400 dpi that the sensor claims/);
});

test('a sensor that shows nothing without a finger is evened by its touches', () => {
  const worn = new Plate(OPTICAL, { gain: [0.5, 1] });
  const many = Array.from(
    { length: 12 },
    (_, number) => worn.touch(fingers[number % 4], 40 + number, { condition: 'good' }).image,
  );
  const { profile, findings } = measureSensor({ empty: [], full: [], target: [], fingers: many });
  assert.equal(findings.fields, 'touches');
  assert.ok(profile.fields);
  const [left, right] = [60, OPTICAL.width - 60].map((x) => profile.fields?.empty[180 * OPTICAL.width + x] ?? 0);
  assert.ok(right > 1.3 * left, `${left} … ${right}`);
});

test('a plate that is scratched all over, or too dim, is no sensor for a door', () => {
  const dead = new Map(Array.from({ length: 500 }, (_, number) => [(number * 7919) % (328 * 364), 0] as const));
  assert.equal(wordsOf(of({ dead }), TARGET_PITCH).verdict, 'act');
  const { verdict, words } = wordsOf(of({ gain: [0.15, 0.3] }), TARGET_PITCH);
  assert.equal(verdict, 'act', words);
});

test('captures that are not what they are said to be are refused by code', () => {
  const good = of({});
  const none: CalibrationCaptures = { empty: [], full: [], target: [], fingers: [] };
  const smaller = { ...good.empty[0], height: 100, pixels: good.empty[0].pixels.subarray(0, 328 * 100) };
  const cases: readonly (readonly [string, CalibrationCaptures])[] = [
    ['calibration.no-captures', none],
    ['calibration.uneven-captures', { ...good, empty: [good.empty[0], smaller] }],
    ['calibration.not-empty', { ...good, empty: good.fingers }],
    ['calibration.not-covered', { ...good, full: good.empty }],
    ['calibration.not-covered', { ...good, full: good.fingers }],
    ['calibration.no-finger', { ...good, fingers: good.empty }],
    ['calibration.no-target', { ...good, target: good.empty }],
    ['calibration.no-target', { ...good, target: good.fingers }],
  ];
  for (const [code, captures] of cases)
    assert.throws(
      () => measureSensor(captures, TARGET_PITCH),
      (error) => error instanceof WhorlError && error.code === code,
      code,
    );
});

test('the resolution of a ruled target is measured to a tenth of a percent in every direction', () => {
  for (const scale of [0.95, 1, 1.03])
    for (const direction of [0, 0.4, 0.9, 1.6, 2.8]) {
      const measured = measureTarget(new Plate(OPTICAL, { scale }).target(direction), TARGET_PITCH);
      assert.ok(measured && Math.abs(measured.dpi / (500 * scale) - 1) < 0.001, `${scale} at ${direction}`);
    }
});

function correlation(a: Uint8Array, b: (at: number) => number): number {
  const mean = (of: (at: number) => number): number => {
    let sum = 0;
    for (let at = 0; at < a.length; at++) sum += of(at);
    return sum / a.length;
  };
  const [ma, mb] = [mean((at) => a[at]), mean(b)];
  const product = mean((at) => (a[at] - ma) * (b(at) - mb));
  return product / Math.sqrt(mean((at) => (a[at] - ma) ** 2) * mean((at) => (b(at) - mb) ** 2));
}
