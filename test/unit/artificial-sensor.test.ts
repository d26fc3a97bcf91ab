import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../../device/clock.ts';
import { ArtificialSensor, HUMAN_PACE } from '../../device/sensor/artificial/artificial-sensor.ts';
import { gatherCrew } from '../../device/sensor/artificial/crew.ts';
import { Plate } from '../../device/sensor/artificial/plate.ts';
import { rehearseArtificial } from '../../device/sensor/artificial/rehearse-artificial.ts';
import { SensorError } from '../../device/sensor/errors.ts';
import type { Capture } from '../../device/sensor/sensor.ts';
import { sensorModel } from '../../models/synthesis/sensors.ts';

const SIGNAL = new AbortController().signal;

test('The same seed brings the same people with the same touches at the same intervals; another seed does not', async () => {
  const first = await watch(1, 6);
  assert.deepEqual(await watch(1, 6), first);
  assert.notDeepEqual((await watch(2, 6)).captures, first.captures);
});

test('Touches come at human intervals, by staff, their other fingers and strangers', async () => {
  const { captures, waits } = await watch(4, 60);
  assert.ok(waits.every((wait) => wait >= HUMAN_PACE[0] && wait < HUMAN_PACE[1]));
  const staff = new Set(gatherCrew(4).staff.map(({ name }) => name));
  const names = captures.map(nameOf);
  const kinds = names.map((name) =>
    staff.has(name) ? 'staff' : name.startsWith('stranger') ? 'stranger' : 'other finger',
  );
  for (const kind of ['staff', 'stranger', 'other finger'] as const)
    assert.ok(kinds.includes(kind), `nobody comes as ${kind}`);
  assert.ok(kinds.filter((kind) => kind === 'staff').length > 30);
});

test('A touch never repeats an enrolled picture, and the origin tells the person', async () => {
  const rehearsal = rehearseArtificial('R503', 3);
  const { enrollees, sensor } = rehearsal;
  const enrolled = await Promise.all(enrollees.flatMap(({ touches }) => touches.map((touch) => touch())));
  const pixels = new Set(enrolled.map((image) => Buffer.from(image.pixels).toString('base64')));
  assert.equal(pixels.size, enrolled.length);
  const capture = await sensor.capture(SIGNAL);
  assert.ok(capture.kind === 'image' && capture.origin !== undefined);
  assert.ok(!pixels.has(Buffer.from(capture.image.pixels).toString('base64')));
  assert.ok(rehearsal.nameOf(capture.origin).length > 0 && capture.origin.startsWith(rehearsal.nameOf(capture.origin)));
  await sensor.close();
});

test('Waiting for a finger ends when asked to, and a closed sensor says so', async () => {
  const { sensor } = rehearseArtificial('R307', 3);
  const asked = new AbortController();
  const waiting = sensor.waitForFinger(asked.signal);
  asked.abort(new Error('asked to stop'));
  await assert.rejects(waiting, /asked to stop/);
  await sensor.close();
  await assert.rejects(
    sensor.capture(SIGNAL),
    (error) => error instanceof SensorError && error.code === 'sensor.closed',
  );
});

test('An unknown sensor model is refused', () => {
  assert.throws(
    () => rehearseArtificial('crystal-ball', 1),
    (error) => error instanceof SensorError && error.code === 'sensor.unknown-kind',
  );
});

async function watch(seed: number, touches: number): Promise<{ captures: Capture[]; waits: number[] }> {
  const waits: number[] = [];
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    sleep: (milliseconds) => {
      waits.push(milliseconds);
      return Promise.resolve();
    },
  };
  const sensor = new ArtificialSensor({
    seed,
    name: 'R503',
    plate: new Plate(sensorModel('R503')),
    crew: gatherCrew(seed),
    clock,
    pace: HUMAN_PACE,
  });
  const captures: Capture[] = [];
  for (let i = 0; i < touches; i++) {
    await sensor.waitForFinger(SIGNAL);
    captures.push(await sensor.capture(SIGNAL));
  }
  return { captures, waits };
}

function nameOf(capture: Capture): string {
  assert.ok(capture.kind === 'image' && capture.origin !== undefined);
  return capture.origin.slice(0, capture.origin.indexOf(':'));
}
