import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { CalibrationError } from '../../calibration/errors.ts';
import { systemClock } from '../../device/clock.ts';
import { gatherCaptures, type GatheringStep } from '../../device/gather-captures.ts';
import type { GrayImage } from '../../device/imaging/gray-image.ts';
import { Plate, TARGET_PITCH } from '../../device/sensor/artificial/plate.ts';
import { WORN_DEAD } from '../../device/sensor/artificial/worn-sensor.ts';
import { openSensor } from '../../device/sensor/open-sensor.ts';
import type { Laid } from '../../device/sensor/rehearsal.ts';
import { growFinger } from '../../models/synthesis/finger.ts';
import { sensorModel } from '../../models/synthesis/sensors.ts';
import { ScriptedSensor, type Act } from '../support/fake-parts.ts';
import { scratch } from '../support/scratch.ts';

const { signal } = new AbortController();

test('calibrate sensor finds what is wrong with a worn sensor, and the terminal’s captures are free of it', async (t) => {
  const state = scratch(t);
  const pictures = join(state, 'before-after.png');
  const { status, stdout, stderr } = await whorl(
    ...['--json', 'calibrate', 'sensor', '--sensor', 'artificial:worn', '--state', state, '--pictures', pictures],
  );
  assert.equal(status, 0, stderr);
  const told = JSON.parse(stdout) as {
    verdict: string;
    dpi: number;
    profile: string;
    measured: { dead: { pixels: number[] } };
  };
  assert.equal(told.verdict, 'corrected');
  assert.ok(Math.abs(told.dpi - 515) < 1);
  assert.deepEqual(
    told.measured.dead.pixels,
    [...WORN_DEAD.keys()].sort((a, b) => a - b),
  );
  assert.equal(statSync(pictures).mode & 0o777, 0o600);

  const { sensor } = openSensor('artificial:worn', { seed: 1, state, onEvent: () => undefined });
  const capture = await sensor.capture(signal);
  assert.ok(capture.kind === 'image' && capture.image.dpi === told.dpi);
  await sensor.close();

  writeFileSync(told.profile, '{"version":1');
  const broken = openSensor('artificial:worn', { seed: 1, state, onEvent: () => undefined });
  await assert.rejects(broken.sensor.capture(signal), { code: 'sensor.bad-profile' });
});

test('a sensor that is not there, or not known, is refused by code', async (t) => {
  const state = scratch(t);
  const unknown = await whorl('calibrate', 'sensor', '--sensor', 'artificial:crystal-ball', '--state', state);
  assert.equal(unknown.status, 1);
  assert.match(unknown.stderr, /sensor\.unknown-kind/);
  const absent = await whorl('calibrate', 'sensor', '--sensor', 'nb1010:', '--state', state);
  assert.equal(absent.status, 1);
  assert.match(absent.stderr, /sensor\./);
});

test('what is laid wrongly is asked for again; what a sensor does not show is left out; nobody touching is an error', async () => {
  const plate = new Plate(sensorModel('optical'));
  const finger = growFinger(5);
  const image = (picture: GrayImage): Act => ({ kind: 'image', image: picture });
  const touch = (seed: number): Act => image(plate.touch(finger, seed, { condition: 'good' }).image);
  const times = <T>(count: number, of: (number: number) => T): T[] => Array.from({ length: count }, (_, n) => of(n));
  const unseen: Act = { kind: 'retry', reason: 'no-finger' };

  // A finger on the empty plate at first, then four of it empty; no pad at hand; ten touches; the target.
  const script = [
    ...times(4, touch),
    ...times(4, () => image(plate.empty())),
    ...times(10, (n) => touch(50 + n)),
    ...times(4, (n) => image(plate.target(n))),
  ];
  const whole = await gather(script, (laid) => laid !== 'full');
  assert.equal(whole.calibration.findings.fields, 'empty only');
  assert.equal(whole.captures.fingers.length, 10);
  assert.deepEqual(whole.laid, ['empty', 'empty', 'full', 'fingers', 'target', 'target', 'target', 'target']);
  const again = whole.steps.filter(({ kind }) => kind === 'again');
  assert.equal(again.length, 1);
  assert.match(JSON.stringify(again[0]), /the empty plate shows a print/);

  const shy = await gather([unseen, ...times(10, touch)], (laid) => laid === 'empty' || laid === 'fingers');
  assert.deepEqual(shy.steps[0], { kind: 'unseen', laid: 'empty' });
  assert.equal(shy.calibration.findings.target, undefined);

  await assert.rejects(
    gather([unseen], (laid) => laid !== 'full' && laid !== 'target'),
    (error) => error instanceof CalibrationError && error.code === 'calibration.no-finger',
  );
});

/** @param there whether a thing is at hand */
async function gather(
  script: readonly Act[],
  there: (laid: Laid) => boolean,
): Promise<Awaited<ReturnType<typeof gatherCaptures>> & { steps: GatheringStep[]; laid: Laid[] }> {
  const steps: GatheringStep[] = [];
  const laid: Laid[] = [];
  const gathered = await gatherCaptures(
    {
      sensor: new ScriptedSensor(script),
      clock: systemClock,
      pitch: TARGET_PITCH,
      connect: () => Promise.resolve(),
      lay: (thing) => {
        laid.push(thing);
        return Promise.resolve(there(thing));
      },
      onStep: (step) => steps.push(step),
    },
    signal,
  );
  return { ...gathered, steps, laid };
}

/** Runs the real command line, with nobody to answer it. */
async function whorl(...words: string[]): Promise<{ status: unknown; stdout: string; stderr: string }> {
  const script = resolve(import.meta.dirname, '../../device/cli/whorl.mjs');
  const child = spawn(process.execPath, [script, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const status = await new Promise((resolved, reject) => child.on('error', reject).on('close', resolved));
  return { status, stdout, stderr };
}
