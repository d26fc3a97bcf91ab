import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { Clock } from '../../device/clock.ts';
import { systemClock } from '../../device/clock.ts';
import { HotPlugSensor } from '../../device/sensor/hot-plug.ts';
import { PAIRING_FILE, PairingFile } from '../../device/sensor/pairing.ts';
import type { SensorEvent } from '../../device/sensor/sensor.ts';
import { FakeSocket } from '../support/fake-hardware.ts';
import { scratch } from '../support/scratch.ts';

const OURS = { model: 'R503', serial: 'A1' };
const THEIRS = { model: 'R503', serial: 'B2' };

interface Bench {
  readonly socket: FakeSocket;
  readonly sensor: HotPlugSensor;
  readonly pairing: PairingFile;
  readonly path: string;
  readonly events: SensorEvent[];
}

/** Pauses are real but short, so that a test need not know when somebody sleeps. */
const impatient: Clock = { ...systemClock, sleep: (_, signal) => systemClock.sleep(1, signal) };

function bench(context: TestContext): Bench {
  const path = join(scratch(context), 'state', PAIRING_FILE);
  const socket = new FakeSocket();
  const pairing = new PairingFile(path);
  const events: SensorEvent[] = [];
  const sensor = new HotPlugSensor({
    link: socket,
    pairing,
    clock: impatient,
    onEvent: (event) => events.push(event),
  });
  context.after(() => sensor.close());
  return { socket, sensor, pairing, path, events };
}

const SIGNAL = new AbortController().signal;
const kinds = (events: readonly SensorEvent[]): string[] => events.map(({ kind }) => kind);

/** Lets whatever waits go round a few times. */
async function meanwhile(milliseconds = 40): Promise<void> {
  await systemClock.sleep(milliseconds, SIGNAL);
}

describe('a sensor that may be unplugged', () => {
  test('it is awaited, paired when first seen, and found again after every unplugging', async (context) => {
    const { socket, sensor, pairing, events } = bench(context);
    const first = sensor.waitForFinger(SIGNAL);
    await meanwhile();
    assert.deepEqual(kinds(events), ['disconnected'], 'the absence is told once');
    socket.plug(OURS);
    await meanwhile();
    socket.press(7);
    assert.equal(await first, 'finger');
    assert.deepEqual(kinds(events), ['disconnected', 'paired', 'connected']);
    assert.deepEqual(pairing.read(), { paired: OURS });
    const capture = await sensor.capture(SIGNAL);
    assert.ok(capture.kind === 'image' && capture.image.pixels[0] === 7);

    socket.unplug();
    await sensor.waitForLift(SIGNAL);
    assert.equal(events.at(-1)?.kind, 'disconnected');
    socket.press(0);
    const second = sensor.waitForFinger(SIGNAL);
    socket.plug(OURS);
    await meanwhile();
    socket.press(8);
    assert.equal(await second, 'finger');
    assert.deepEqual(kinds(events).slice(3), ['disconnected', 'connected']);
    assert.equal(socket.connections, 2);
  });

  test('unplugged during a capture: a coded error, and the next touch is of the next finger', async (context) => {
    const { socket, sensor } = bench(context);
    socket.plug(OURS);
    socket.press(7);
    await sensor.waitForFinger(SIGNAL);
    socket.unplug();
    await assert.rejects(sensor.capture(SIGNAL), { code: 'sensor.disconnected' });
    assert.deepEqual(await sensor.capture(SIGNAL), { kind: 'retry', reason: 'no-finger' });
    socket.press(9);
    socket.plug(OURS);
    await sensor.waitForFinger(SIGNAL);
    const capture = await sensor.capture(SIGNAL);
    assert.ok(capture.kind === 'image' && capture.image.pixels[0] === 9);
  });

  test('another sensor is refused, told once, and used when a technician accepts it', async (context) => {
    const { socket, sensor, pairing, path, events } = bench(context);
    pairing.pair(OURS);
    socket.plug(THEIRS);
    socket.press(7);
    let touched = false;
    const waiting = sensor.waitForFinger(SIGNAL).then((outcome) => {
      touched = true;
      return outcome;
    });
    await meanwhile();
    assert.equal(touched, false, 'a finger on a foreign sensor is no touch');
    assert.deepEqual(events, [{ kind: 'swapped', paired: OURS, found: { ...THEIRS, link: 'socket:1' } }]);
    await assert.rejects(sensor.connect(SIGNAL), { code: 'sensor.not-paired' });
    // What the technician's command does, in a process of its own.
    const technician = new PairingFile(path);
    assert.deepEqual(technician.read(), { paired: OURS, refused: THEIRS });
    technician.pair(THEIRS);
    assert.equal(await waiting, 'finger');
    assert.deepEqual(kinds(events), ['swapped', 'connected']);
  });

  test('the paired sensor back in its place needs nobody', async (context) => {
    const { socket, sensor, pairing, events } = bench(context);
    pairing.pair(OURS);
    socket.plug(THEIRS);
    socket.press(7);
    const waiting = sensor.waitForFinger(SIGNAL);
    await meanwhile();
    socket.plug(OURS);
    assert.equal(await waiting, 'finger');
    assert.deepEqual(kinds(events), ['swapped', 'connected']);
  });

  test('hardware without a serial number is marked when it is paired, and known by its mark', async (context) => {
    const { socket, sensor, pairing } = bench(context);
    socket.plug({ model: 'R307' });
    socket.press(1);
    await sensor.waitForFinger(SIGNAL);
    assert.deepEqual(pairing.read(), { paired: { model: 'R307', serial: 'mark 1' } });
    // Another one of the model, with no mark.
    socket.plug({ model: 'R307' });
    await assert.rejects(sensor.capture(SIGNAL), { code: 'sensor.disconnected' });
    await assert.rejects(sensor.connect(SIGNAL), { code: 'sensor.not-paired' });
  });

  test('a pairing that cannot be read lets no sensor in', async (context) => {
    const { socket, sensor, pairing, path, events } = bench(context);
    pairing.pair(OURS);
    socket.plug(OURS);
    for (const text of ['', '{', '{"paired":{"model":3}}', '[]']) {
      writeFileSync(path, text);
      await assert.rejects(sensor.connect(SIGNAL), { code: 'sensor.bad-pairing' }, text);
    }
    assert.deepEqual(events, []);
  });

  test('waiting ends when asked to, and when the sensor is closed', async (context) => {
    const { socket, sensor } = bench(context);
    const asked = new AbortController();
    const waiting = sensor.waitForFinger(asked.signal);
    await meanwhile();
    asked.abort(new Error('asked to stop'));
    await assert.rejects(waiting, /asked to stop/);
    socket.plug(OURS);
    const again = sensor.waitForFinger(SIGNAL);
    await meanwhile();
    await sensor.close();
    await assert.rejects(again, { code: 'sensor.closed' });
    await assert.rejects(sensor.waitForFinger(SIGNAL), { code: 'sensor.closed' });
  });
});
