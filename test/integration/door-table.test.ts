import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { STOP_REASONS } from '../../device/access/stop-reason.ts';
import { systemClock } from '../../device/clock.ts';
import { describeDoorChange } from '../../device/door-reports.ts';
import type { BoardNews } from '../../device/door/board.ts';
import { ControlledDoor } from '../../device/door/controlled-door.ts';
import type { DoorChange } from '../../device/door/door.ts';
import { DoorError } from '../../device/door/errors.ts';
import { SIGNALS, type SignalStep } from '../../device/door/signals.ts';
import type { Report } from '../../device/events/event.ts';
import { outcomeOf } from '../../device/outcome.ts';
import { SensorError } from '../../device/sensor/errors.ts';
import { Terminal, type Touch } from '../../device/terminal.ts';
import { play } from '../support/access-scenes.ts';
import { ALARM_ROWS, OUTCOME_ROWS, RECOGNITION_FAILURES, RETRY_REASONS } from '../support/door-table.ts';
import { letAllPass, NotingDoor, PixelRecognizer, ScriptedSensor, touchOf, type Act } from '../support/fake-parts.ts';
import { ManualClock } from '../support/manual-clock.ts';

interface Ended {
  readonly touch: Touch;
  readonly report: Report | undefined;
}

async function serve(act: Act, { door = new NotingDoor(), recognizer = new PixelRecognizer() } = {}): Promise<Ended> {
  const reports: Report[] = [];
  const touches: Touch[] = [];
  const terminal = new Terminal({
    ...{ sensor: new ScriptedSensor([act]), recognizer, door, access: letAllPass, clock: systemClock },
    ...{ pulseMs: 3_000, names: false, commit: (report: Report) => reports.push(report) },
  });
  await terminal.run(new AbortController().signal, 1, (touch) => touches.push(touch));
  return { touch: touches[0], report: reports.at(-1) };
}

describe('README’s table: how touches end', () => {
  const isRow = (what: string, { touch, report }: Ended): void => {
    const expected = OUTCOME_ROWS.find((it) => it.what === what);
    assert.ok(expected, `README has no row for ${what}`);
    assert.deepEqual({ what, ...outcomeOf(touch), event: report?.type }, expected);
  };

  test('granted', async () => {
    isRow('granted, also under duress', await serve(touchOf(1)));
  });
  for (const reason of RECOGNITION_FAILURES)
    test(reason, async () => {
      const recognizer = new PixelRecognizer();
      recognizer.decide = () => ({ kind: 'denied', reason, figures: { threshold: 1, quality: 50 } });
      isRow(reason, await serve(touchOf(1), { recognizer }));
    });
  for (const reason of STOP_REASONS)
    test(reason, async (context) => {
      const { stage, last } = await play(context, reason);
      isRow(reason, { touch: last, report: stage.reports.at(-1) });
    });
  for (const reason of RETRY_REASONS)
    test(`retry: ${reason}`, async () => {
      const recognizer = new PixelRecognizer();
      recognizer.features = () => ({ kind: 'retry', reason });
      const { touch, report } = await serve(touchOf(1), { recognizer });
      isRow(`retry: ${reason}`, { touch, report });
      assert.ok(report?.type === 'whorl.touch.retry' && report.data.reason === reason);
    });
  test('failures', async () => {
    isRow('a part fails', await serve(new SensorError('sensor.unreadable-image', 'damaged')));
    const door = new NotingDoor();
    door.failure = new DoorError('door.board-lost', 'gone');
    isRow('the strike fails', await serve(touchOf(1), { door }));
  });
});

/** A door whose board notes what it shows. */
class Scene {
  readonly clock = new ManualClock();
  readonly changes: DoorChange[] = [];
  readonly door: ControlledDoor;
  shown: readonly SignalStep[] = [];
  #tell: (news: BoardNews) => void = () => undefined;

  constructor() {
    this.door = new ControlledDoor({
      clock: this.clock,
      settings: { contact: true, lock: 'secure', unlockMs: 3_000, heldOpen: { warnMs: 20_000, alarmMs: 10_000 } },
      onChange: (change) => this.changes.push(change),
      open: (listener) => {
        this.#tell = listener;
        return {
          release: () => Promise.resolve(),
          secure: () => undefined,
          close: () => Promise.resolve(),
          show: (steps) => (this.shown = steps),
        };
      },
    });
    this.hear({ kind: 'ready', board: 'noting', inputs: { contact: false } });
  }

  hear(news: BoardNews): void {
    this.#tell(news);
  }
}

describe('README’s table: alarms and what lasts', () => {
  const open = (scene: Scene): void => {
    scene.hear({ kind: 'input', input: 'contact', active: true });
  };
  const openFor = async (scene: Scene, ms: number): Promise<void> => {
    await scene.door.unlock(3_000);
    open(scene);
    await scene.clock.advance(ms);
  };
  const plays: Readonly<Record<string, (scene: Scene) => void | Promise<void>>> = {
    'forced open': open,
    'open for long': (scene) => openFor(scene, 20_000),
    'held open': async (scene) => {
      await openFor(scene, 20_000);
      await scene.clock.advance(10_000);
    },
    tamper: (scene) => {
      scene.hear({ kind: 'input', input: 'tamper', active: true });
    },
    fire: (scene) => {
      scene.hear({ kind: 'input', input: 'fire', active: true });
    },
    lockdown: (scene) => {
      scene.door.command('lockdown');
    },
    'unlocked for everybody': (scene) => {
      scene.door.command('unlocked');
    },
    'board lost': (scene) => {
      scene.hear({ kind: 'lost', code: 'door.port', message: 'unplugged' });
    },
  };
  for (const { what, signal, event } of ALARM_ROWS)
    test(what, async () => {
      const scene = new Scene();
      await plays[what](scene);
      const reports = scene.changes.map(describeDoorChange);
      assert.ok(
        reports.some(({ type }) => type === event),
        `${event} was not reported`,
      );
      assert.deepEqual(scene.shown, SIGNALS[signal].steps);
      await scene.door.close();
    });
});
