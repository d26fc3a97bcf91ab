import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { SIMULATED_MODELS } from '../../device/sensor/grow/simulated/module-models.ts';
import { parseTarget } from '../../device/sensor/grow/target.ts';
import type { SensorConnection, SensorEvent } from '../../device/sensor/sensor.ts';
import { GrowRig, overTheWire } from '../support/grow-rig.ts';
import { scratch } from '../support/scratch.ts';

const SIGNAL = new AbortController().signal;

async function connect(rig: GrowRig, events: SensorEvent[] = []): Promise<SensorConnection> {
  return await rig.link.connect(SIGNAL, (event) => events.push(event));
}

/** One whole touch. */
async function touch(rig: GrowRig, sensor: SensorConnection, seed: number): Promise<Uint8Array> {
  rig.finger = rig.draw(seed);
  await sensor.waitForFinger(SIGNAL);
  const capture = await sensor.capture(SIGNAL);
  rig.finger = undefined;
  await sensor.waitForLift(SIGNAL);
  assert.ok(capture.kind === 'image', JSON.stringify(capture));
  return capture.image.pixels;
}

describe('a GROW module', () => {
  for (const name of Object.keys(SIMULATED_MODELS))
    test(`${name}: found, asked for what it is, brought to its best rate, its pictures exact`, async () => {
      const size = name === 'r551' ? '?size=192x192' : '';
      const rig = new GrowRig(name, { target: size });
      rig.line.plug(rig.module);
      await rig.clock.run(
        (async () => {
          const events: SensorEvent[] = [];
          const sensor = await connect(rig, events);
          for (const seed of [1, 2]) assert.deepEqual(await touch(rig, sensor, seed), overTheWire(rig.draw(seed)));
          const { geometry, dpi, link } = sensor.describe();
          const isSmall = name === 'r503' || name === 'r551';
          assert.deepEqual(geometry, isSmall ? { width: 192, height: 192 } : { width: 256, height: 288 });
          assert.equal(dpi, name === 'r503' ? 508 : 500);
          assert.equal(link, 'grow:/dev/ttyTEST');
          assert.equal(rig.module.baud, name === 'as608' ? 57_600 : 115_200);
          assert.ok(events.length > 100 && events.every(({ kind }) => kind === 'upload'));
          await sensor.close();
        })(),
      );
    });

  test('an AS608 takes its new rate at its next power-on, and is found there', async () => {
    const rig = new GrowRig('as608');
    rig.line.plug(rig.module);
    await rig.clock.run(
      (async () => {
        await (await connect(rig)).close();
        assert.equal(rig.module.baud, 57_600);
        rig.line.plug(rig.module);
        const sensor = await connect(rig);
        assert.equal(rig.module.baud, 115_200);
        assert.deepEqual(await touch(rig, sensor, 3), overTheWire(rig.draw(3)));
        await sensor.close();
      })(),
    );
  });

  test('it is found at every rate that a module can have', async () => {
    for (let multiple = 1; multiple <= 12; multiple++) {
      const rig = new GrowRig({ ...SIMULATED_MODELS.r503, baud: multiple * 9_600 });
      rig.line.plug(rig.module);
      await rig.clock.run(connect(rig).then((sensor) => sensor.close()));
      assert.equal(rig.module.baud, 115_200);
      assert.ok(rig.clock.monotonic() < 5_000, `${rig.clock.monotonic()} ms`);
    }
  });

  test('the operator’s rate is used, and the upload takes the time that the line needs', async () => {
    for (const [baud, least, most] of [
      [57_600, 6_400, 7_400],
      [115_200, 3_200, 3_900],
    ] as const) {
      const rig = new GrowRig('r307', { target: `?baud=${baud}` });
      rig.line.plug(rig.module);
      await rig.clock.run(
        (async () => {
          const sensor = await connect(rig);
          rig.finger = rig.draw(1);
          await sensor.waitForFinger(SIGNAL);
          const begin = rig.clock.monotonic();
          await sensor.capture(SIGNAL);
          const took = rig.clock.monotonic() - begin;
          assert.ok(took > least && took < most, `${took} ms at ${baud}`);
        })(),
      );
    }
  });

  test('a password is asked for, read from its file, and given again after every power-on', async (context) => {
    const file = join(scratch(context), 'password');
    writeFileSync(file, '0xC0FFEE\n');
    const rig = new GrowRig('r503', { password: 0xc0ffee });
    rig.line.plug(rig.module);
    await rig.clock.run(assert.rejects(connect(rig), { code: 'sensor.wrong-password' }));
    const knowing = new GrowRig('r503', { password: 0xc0ffee, target: `?password-file=${file}` });
    for (let times = 0; times < 2; times++) {
      knowing.line.plug(knowing.module);
      await knowing.clock.run(
        (async () => {
          const sensor = await connect(knowing);
          assert.deepEqual(await touch(knowing, sensor, 5), overTheWire(knowing.draw(5)));
          await sensor.close();
        })(),
      );
    }
    for (const nonsense of ['', 'open sesame', '0x1ffffffff', '-1']) {
      writeFileSync(file, nonsense);
      await knowing.clock.run(assert.rejects(connect(knowing), { code: 'sensor.bad-target' }, nonsense));
    }
  });

  test('a serial number where it has one, else a mark that stays with it', async () => {
    const modern = new GrowRig('r503', { serial: 'A7B8C9D0' });
    modern.line.plug(modern.module);
    const { serial } = await modern.clock.run(connect(modern).then((sensor) => sensor.describe()));
    assert.equal(serial, 'A7B8C9D0');

    const rig = new GrowRig('r307');
    rig.line.plug(rig.module);
    await rig.clock.run(
      (async () => {
        const first = await connect(rig);
        assert.equal(first.describe().serial, undefined);
        await first.mark?.();
        const mark = first.describe().serial;
        assert.match(mark ?? '', /^mark-[0-9a-f]{16}$/);
        await first.close();
        rig.line.plug(rig.module);
        const again = await connect(rig);
        assert.equal(again.describe().serial, mark);
        await again.close();
        rig.line.plug(rig.make());
        const other = await connect(rig);
        assert.equal(other.describe().serial, undefined);
        await other.close();
      })(),
    );
    const bare = new GrowRig('r308');
    bare.line.plug(bare.module);
    await bare.clock.run(
      (async () => {
        const sensor = await connect(bare);
        await sensor.mark?.();
        assert.equal(sensor.describe().serial, undefined);
      })(),
    );
  });

  test('a finger that leaves too soon is a retry, and what lies there later is another touch', async () => {
    const rig = new GrowRig('r503');
    rig.line.plug(rig.module);
    await rig.clock.run(
      (async () => {
        const sensor = await connect(rig);
        rig.finger = rig.draw(1);
        await sensor.waitForFinger(SIGNAL);
        rig.finger = undefined;
        await rig.clock.sleep(1_000, SIGNAL);
        assert.deepEqual(await sensor.capture(SIGNAL), { kind: 'retry', reason: 'too-short' });
        rig.finger = rig.draw(2);
        const capture = await sensor.capture(SIGNAL);
        assert.ok(capture.kind === 'image');
        assert.deepEqual(capture.image.pixels, overTheWire(rig.draw(2)));
      })(),
    );
  });

  test('a capture that is called off leaves the sensor fit for the next touch', async () => {
    const rig = new GrowRig('r307', { target: '?baud=57600' });
    rig.line.plug(rig.module);
    await rig.clock.run(
      (async () => {
        const sensor = await connect(rig);
        rig.finger = rig.draw(1);
        await sensor.waitForFinger(SIGNAL);
        const asked = new AbortController();
        const capture = sensor.capture(asked.signal);
        await rig.clock.sleep(2_000, SIGNAL);
        asked.abort(new Error('called off'));
        await assert.rejects(capture, /called off/);
        rig.finger = undefined;
        await sensor.waitForLift(SIGNAL);
        assert.deepEqual(await touch(rig, sensor, 2), overTheWire(rig.draw(2)));
      })(),
    );
  });

  test('the touch line spares the module all questions until a finger comes', async () => {
    for (const [wiring, there] of [
      ['cts', true],
      ['!dcd', false],
    ] as const) {
      const rig = new GrowRig('r503', { target: `?touch=${wiring}` });
      const line = wiring === 'cts' ? 'cts' : 'dcd';
      rig.line.lines = { ...rig.line.lines, [line]: !there };
      rig.line.plug(rig.module);
      await rig.clock.run(
        (async () => {
          const sensor = await connect(rig);
          let questions = 0;
          rig.line.onTraffic = () => questions++;
          const waiting = sensor.waitForFinger(SIGNAL);
          await rig.clock.sleep(5_000, SIGNAL);
          assert.equal(questions, 0);
          rig.finger = rig.draw(1);
          rig.line.lines = { ...rig.line.lines, [line]: there };
          await waiting;
          const capture = await sensor.capture(SIGNAL);
          assert.ok(capture.kind === 'image');
          rig.finger = undefined;
          const before = questions;
          rig.line.lines = { ...rig.line.lines, [line]: !there };
          await sensor.waitForLift(SIGNAL);
          assert.equal(questions, before);
        })(),
      );
    }
  });

  test('the ring tells how it went and goes dark again', async () => {
    const rig = new GrowRig('r503');
    rig.line.plug(rig.module);
    await rig.clock.run(
      (async () => {
        const sensor = await connect(rig);
        await sensor.showLamp('denied');
        assert.deepEqual(rig.module.activity.aura, [3, 0, 1, 0]);
        await sensor.showLamp('granted');
        assert.deepEqual(rig.module.activity.aura, [3, 0, 2, 0]);
        await rig.clock.sleep(3_000, SIGNAL);
        assert.equal(rig.module.activity.aura[0], 4);
        await sensor.showLamp('reading');
        await sensor.close();
        assert.equal(rig.module.activity.aura[0], 4);
      })(),
    );
    const plain = new GrowRig('r307');
    plain.line.plug(plain.module);
    await plain.clock.run(connect(plain).then((sensor) => sensor.showLamp('granted')));
    assert.deepEqual(plain.module.activity.aura, []);
  });

  test('bright ridges are turned where the operator says so', async () => {
    const rig = new GrowRig('r503', { target: '?invert=yes&dpi=500' });
    rig.line.plug(rig.module);
    const pixels = await rig.clock.run(connect(rig).then((sensor) => touch(rig, sensor, 4)));
    assert.deepEqual(
      pixels,
      overTheWire(rig.draw(4)).map((pixel) => 255 - pixel),
    );
  });

  test('a target that cannot be meant is refused with what can', () => {
    for (const wrong of ['ttyUSB0', 'COM3', '', '/dev/x?baud=1', '/dev/x?baud', '/dev/x?colour=red', '/dev/x?size=3x3'])
      assert.throws(() => parseTarget(wrong), { code: 'sensor.bad-target' }, wrong);
    for (const wrong of ['touch=rts', 'dpi=5', 'invert=maybe', 'model=a%20b', 'password-file='])
      assert.throws(() => parseTarget(`/dev/x?${wrong}`), { code: 'sensor.bad-target' }, wrong);
    assert.deepEqual(parseTarget('/dev/ttyTHS1?model=R503&touch=!cts&baud=57600&size=192x192'), {
      ...{ path: '/dev/ttyTHS1', invert: false, model: 'R503', touch: { line: 'cts', asserted: false } },
      ...{ baud: 57_600, size: { width: 192, height: 192 } },
    });
  });
});
