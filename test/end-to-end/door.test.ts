import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Collector } from '../support/collector.ts';
import { DOOR, DoorRig, PINS, skipWithoutRig, type PinChange } from '../support/door-rig.ts';
import { ShakyBroker } from '../support/shaky-broker.ts';

/** The times for which a pin was high, milliseconds. */
function pulses(changes: readonly PinChange[], pin: number): number[] {
  const own = changes.filter((change) => change.pin === pin);
  return own.flatMap((change, index) => (change.high && index + 1 < own.length ? own[index + 1].at - change.at : []));
}

describe('a door on real firmware', { skip: skipWithoutRig() }, () => {
  test('granted touches raise the relay’s pin for the pulse, and nothing else does', async (context) => {
    const broker = await ShakyBroker.open(context);
    const collector = await Collector.open(broker.url);
    context.after(() => collector.close());
    const rig = await DoorRig.open(context);
    const terminal = await rig.terminal(broker.url, '--sensor', 'artificial:optical', '--touches', '8');
    assert.equal(await terminal.exit(), 0, terminal.errors.join('\n'));
    await collector.until(({ events }) => events.some(({ type }) => type === 'whorl.terminal.stopped'));

    const unlocked = collector.events.filter(({ type }) => type === 'whorl.door.unlocked');
    const granted = collector.events.filter(({ type }) => type === 'whorl.touch.granted');
    assert.ok(granted.length >= 3, `${granted.length} granted`);
    // The first may have come before the board had booted.
    const failed = collector.events.filter(({ type }) => type === 'whorl.door.failed');
    assert.ok(failed.length <= 1, `${failed.length} failed`);
    assert.equal(unlocked.length, granted.length - failed.length);
    const raised = pulses(rig.changes, PINS.relay);
    // A touch within a pulse prolongs it; the last pulse ends with the terminal.
    assert.ok(raised.length >= 1 && raised.length <= granted.length, `${raised.length} pulses`);
    for (const ms of raised.slice(0, -1)) assert.ok(ms >= DOOR.unlockMs - 50, `a pulse of ${ms} ms`);
    assert.equal(rig.released, false);
    assert.ok(pulses(rig.changes, PINS.green).length >= unlocked.length - 1, 'the green lamp tells it');
    assert.ok(pulses(rig.changes, PINS.buzzer).length >= unlocked.length, 'so does the buzzer');
    context.diagnostic(`relay high for ${raised.map((ms) => ms.toFixed(0)).join(', ')} ms`);
  });

  test('boot blink and reset never raise the relay’s pin', async (context) => {
    const rig = await DoorRig.open(context);
    await pause(3_000);
    rig.board.reset();
    await rig.until(() => rig.changes.filter(({ pin, high }) => pin === 13 && high).length >= 12, 'two boots blink');
    await pause(1_000);
    assert.deepEqual(
      rig.changes.filter(({ pin }) => pin !== 13),
      [],
    );
  });

  test('contact, exit button, tamper and fire produce their events and alarms', async (context) => {
    const broker = await ShakyBroker.open(context);
    const collector = await Collector.open(broker.url);
    context.after(() => collector.close());
    const rig = await DoorRig.open(context);
    const terminal = await rig.terminal(broker.url);
    const { board } = rig;
    const seen = (type: string): number => collector.events.filter((event) => event.type === type).length;
    const untilSeen = async (type: string, count = 1): Promise<void> => {
      await rig.until(() => seen(type) >= count, `${type} × ${count}`);
    };
    const closeDoor = (): void => {
      board.press(PINS.contact, false);
    };
    const openDoor = (): void => {
      board.press(PINS.contact, true);
    };
    board.press(PINS.exit, false);
    await untilSeen('whorl.door.exit-requested');
    await rig.until(() => rig.released, 'the exit button releases');
    board.press(PINS.exit, true);
    openDoor();
    await untilSeen('whorl.door.opened');
    await rig.until(() => !rig.released, 'opening ends the pulse');
    await untilSeen('whorl.door.held-open-soon');
    await untilSeen('whorl.door.held-open');
    closeDoor();
    await untilSeen('whorl.door.alarm-ended');
    openDoor();
    await untilSeen('whorl.door.forced');
    await rig.until(() => board.isHigh(PINS.red), 'the red lamp flashes');
    closeDoor();
    await untilSeen('whorl.door.alarm-ended', 2);
    board.press(PINS.tamper, true);
    await untilSeen('whorl.door.tamper');
    board.press(PINS.tamper, false);
    await untilSeen('whorl.door.tamper', 2);
    board.press(PINS.fire, false);
    await untilSeen('whorl.door.fire');
    await rig.until(() => rig.released, 'fire releases');
    board.press(PINS.fire, true);
    await untilSeen('whorl.door.fire', 2);
    await rig.until(() => !rig.released, 'locked again after the fire');
    for (const input of [PINS.contact, PINS.exit, PINS.tamper, PINS.fire])
      assert.ok(board.isPulledUp(input), `input ${input} has lost its pull-up`);
    await terminal.kill('SIGTERM');
    assert.equal(await terminal.exit(), 0, terminal.errors.join('\n'));
  });
});
