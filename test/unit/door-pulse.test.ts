import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LONGEST_PULSE_MS } from '../../device/door/door.ts';
import { DoorError } from '../../device/door/errors.ts';
import { SimulatedDoor } from '../../device/door/simulated-door.ts';
import { ManualClock } from '../support/manual-clock.ts';

function open(): { clock: ManualClock; door: SimulatedDoor; changes: string[] } {
  const clock = new ManualClock();
  const changes: string[] = [];
  const door = new SimulatedDoor(clock, ({ kind }) => changes.push(kind));
  return { clock, door, changes };
}

describe('simulated door', () => {
  test('it is locked until told otherwise, and locks again after the pulse', async () => {
    const { clock, door, changes } = open();
    assert.equal(door.unlocked, false);
    await door.unlock(3_000);
    assert.equal(door.unlocked, true);
    await clock.advance(2_999);
    assert.equal(door.unlocked, true);
    await clock.advance(1);
    assert.equal(door.unlocked, false);
    assert.deepEqual(changes, ['unlocked', 'locked']);
  });

  test('a pulse during a pulse prolongs it, once', async () => {
    const { clock, door, changes } = open();
    await door.unlock(1_000);
    await clock.advance(900);
    await door.unlock(1_000);
    await clock.advance(900);
    assert.equal(door.unlocked, true);
    await clock.advance(100);
    assert.equal(door.unlocked, false);
    assert.deepEqual(changes, ['unlocked', 'unlocked', 'locked']);
    assert.equal(clock.sleepers, 0);
  });

  test('closing locks at once and refuses everything after', async () => {
    const { clock, door, changes } = open();
    await door.unlock(1_000);
    await door.close();
    assert.equal(door.unlocked, false);
    assert.deepEqual(changes, ['unlocked', 'locked']);
    await assert.rejects(door.unlock(1_000), (error) => error instanceof DoorError && error.code === 'door.closed');
    await clock.advance(5_000);
    assert.deepEqual(changes, ['unlocked', 'locked']);
  });

  test('a pulse has bounds', async () => {
    const { door, changes } = open();
    for (const wrong of [0, -1, Number.NaN, Infinity, LONGEST_PULSE_MS + 1])
      await assert.rejects(
        door.unlock(wrong),
        (error) => error instanceof DoorError && error.code === 'door.bad-pulse',
      );
    assert.deepEqual(changes, []);
  });
});
