import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { systemClock } from '../../device/clock.ts';
import { DoorError } from '../../device/door/errors.ts';
import { EventsError } from '../../device/events/errors.ts';
import type { Report } from '../../device/events/event.ts';
import { SensorError } from '../../device/sensor/errors.ts';
import { Terminal, type Ending, type Touch } from '../../device/terminal.ts';
import { letAllPass, NotingDoor, PixelRecognizer, ScriptedSensor, touchOf, type Act } from '../support/fake-parts.ts';

const broken = new SensorError('sensor.unreadable-image', '7_1.png is damaged');

interface Run {
  readonly ending: Ending;
  readonly touches: readonly Touch[];
  readonly reports: readonly Report[];
  readonly door: NotingDoor;
  readonly terminal: Terminal<number>;
}

async function run(
  script: readonly Act[],
  options: {
    most?: number;
    signal?: AbortSignal;
    names?: boolean;
    door?: NotingDoor;
    refuse?: (report: Report) => boolean;
    recognizer?: PixelRecognizer;
  } = {},
): Promise<Run> {
  const { most = Infinity, signal = new AbortController().signal, names = false } = options;
  const { door = new NotingDoor(), recognizer = new PixelRecognizer() } = options;
  const reports: Report[] = [];
  const touches: Touch[] = [];
  const terminal = new Terminal({
    sensor: new ScriptedSensor(script),
    recognizer,
    access: letAllPass,
    door,
    clock: systemClock,
    pulseMs: 3_000,
    names,
    commit: (report) => {
      if (options.refuse?.(report)) throw new EventsError('events.outbox-write', 'disk full');
      reports.push(report);
    },
  });
  const ending = await terminal.run(signal, most, (touch) => touches.push(touch));
  return { ending, touches, reports, door, terminal };
}

/** Unlike AbortSignal.timeout this keeps the process alive until then. */
function soon(): AbortSignal {
  const asked = new AbortController();
  setTimeout(() => {
    asked.abort();
  }, 30);
  return asked.signal;
}

const types = (reports: readonly Report[]): string[] => reports.map(({ type }) => type);

describe('terminal', () => {
  test('a known finger opens the door, a stranger does not', async () => {
    const { ending, reports, door, touches } = await run([touchOf(3), touchOf(0)]);
    assert.equal(ending, 'sensor-ended');
    assert.deepEqual(types(reports), ['whorl.touch.granted', 'whorl.touch.denied']);
    assert.deepEqual(door.unlocks, [3_000]);
    assert.deepEqual(
      touches.map((touch) => touch.kind === 'decided' && touch.verdict.kind),
      ['granted', 'denied'],
    );
  });

  test('events name people by id, and by name only where the operator wants it', async () => {
    const [without] = (await run([touchOf(3)])).reports;
    assert.equal(without.subject, 'p3');
    assert.ok(!JSON.stringify(without).includes('Ada'));
    const [withName] = (await run([touchOf(3)], { names: true })).reports;
    assert.ok(withName.type === 'whorl.touch.granted' && withName.data.name === 'Ada');
  });

  test('the event is committed before the door moves', async () => {
    const door = new NotingDoor();
    let unlocksAtCommit = -1;
    await run([touchOf(3)], {
      door,
      refuse: () => {
        unlocksAtCommit = door.unlocks.length;
        return false;
      },
    });
    assert.equal(unlocksAtCommit, 0);
    assert.equal(door.unlocks.length, 1);
  });

  test('an event that cannot be committed leaves the door locked', async () => {
    const { door, touches, ending } = await run([touchOf(3), touchOf(0)], {
      refuse: ({ type }) => type === 'whorl.touch.granted',
    });
    assert.deepEqual(door.unlocks, []);
    const [first] = touches;
    assert.ok(first.kind === 'failed' && first.phase === 'commit' && first.error.code === 'events.outbox-write');
    assert.equal(touches.length, 2, 'the next touch is served');
    assert.equal(ending, 'sensor-ended');
  });

  test('a disk that takes nothing at all does not stop the terminal', async () => {
    const { door, touches } = await run([touchOf(3), touchOf(255), broken, touchOf(3)], { refuse: () => true });
    assert.deepEqual(
      touches.map(({ kind }) => kind),
      ['failed', 'failed', 'failed', 'failed'],
    );
    assert.deepEqual(door.unlocks, []);
  });

  test('a poor capture is a retry with its reason, from the sensor or from the picture', async () => {
    const { reports, touches } = await run([{ kind: 'retry', reason: 'moved' }, touchOf(255)]);
    assert.deepEqual(
      reports.map(({ data }) => data),
      [{ reason: 'moved' }, { reason: 'press-harder' }],
    );
    assert.deepEqual(
      touches.map(({ kind }) => kind),
      ['retry', 'retry'],
    );
  });

  test('a failing sensor costs its touches, is reported, and the terminal goes on', async () => {
    const { reports, touches, door } = await run([broken, broken, touchOf(3)]);
    assert.deepEqual(types(reports), ['whorl.touch.failed', 'whorl.touch.failed', 'whorl.touch.granted']);
    assert.deepEqual(reports[0].data, { phase: 'capture', code: broken.code, message: broken.message });
    assert.equal(touches.length, 3);
    assert.equal(door.unlocks.length, 1);
  });

  test('a failing door is reported, and the touch counts as failed', async () => {
    const door = new NotingDoor();
    door.failure = new DoorError('door.closed', 'the strike does not answer');
    const { reports, touches } = await run([touchOf(3), touchOf(0)], { door });
    assert.deepEqual(types(reports), ['whorl.touch.granted', 'whorl.door.failed', 'whorl.touch.denied']);
    assert.ok(touches[0].kind === 'failed' && touches[0].phase === 'act');
  });

  test('an error that nobody foresaw gets a code too', async () => {
    const recognizer = new PixelRecognizer();
    recognizer.decide = () => {
      throw new TypeError('x is undefined');
    };
    const { touches, reports } = await run([touchOf(3)], { recognizer });
    assert.ok(touches[0].kind === 'failed' && touches[0].error.code === 'terminal.unexpected');
    assert.ok(reports[0].type === 'whorl.touch.failed' && reports[0].data.phase === 'decide');
  });

  test('it stops after the touches asked for, counting every one that somebody made', async () => {
    const { ending, touches } = await run([touchOf(0), broken, touchOf(255), touchOf(3)], { most: 3 });
    assert.equal(ending, 'touches-done');
    assert.equal(touches.length, 3);
  });

  test('it stops at once when asked while it waits for a finger, and reports no failure', async () => {
    const { ending, reports } = await run([touchOf(0), 'wait'], { signal: soon() });
    assert.equal(ending, 'asked');
    assert.deepEqual(types(reports), ['whorl.touch.denied']);
  });

  test('it stops when asked even if the sensor never pauses', async () => {
    const endless = Array.from({ length: 1_000_000 }, () => touchOf(0));
    const { ending, touches } = await run(endless, { signal: soon() });
    assert.equal(ending, 'asked');
    assert.ok(touches.length < endless.length);
  });

  test('a finger that stays is one touch, and the lamp tells how it went', async () => {
    const sensor = new ScriptedSensor([touchOf(3), touchOf(0), touchOf(255)]);
    let lifts = 0;
    sensor.waitForLift = () => {
      lifts++;
      return Promise.resolve();
    };
    const terminal = new Terminal({
      ...{ sensor, recognizer: new PixelRecognizer(), door: new NotingDoor(), clock: systemClock },
      ...{ pulseMs: 3_000, names: false, access: letAllPass, commit: () => undefined },
    });
    await terminal.run(new AbortController().signal, Infinity, () => undefined);
    assert.equal(lifts, 3);
    assert.deepEqual(sensor.lamps, ['reading', 'granted', 'reading', 'denied', 'reading', 'retry']);
  });

  test('every phase is measured', async () => {
    const { terminal } = await run([touchOf(3), touchOf(0)]);
    for (const phase of ['capture', 'features', 'decide', 'commit', 'act', 'recognition'] as const) {
      const times = terminal.times[phase];
      assert.ok(times && times.p50 >= 0 && times.p95 >= times.p50, phase);
    }
    assert.equal(terminal.phase, 'idle');
  });
});
