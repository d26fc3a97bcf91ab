import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LONGEST_PULSE_MS, SHORTEST_PULSE_MS, type DoorChange } from '../../device/door/door.ts';
import { DoorError } from '../../device/door/errors.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { simulatedDoor } from '../support/simulated-door.ts';

const kinds = (changes: readonly DoorChange[]): string[] => changes.map(({ kind }) => kind);

const isError = (code: string) => (error: unknown) => error instanceof DoorError && error.code === code;

describe('a door', () => {
  test('it is locked until told otherwise, and locks again after the pulse', async () => {
    const clock = new ManualClock();
    const { door, board, changes } = await simulatedDoor(clock);
    assert.equal(board.released, false);
    await door.unlock(3_000);
    assert.equal(board.released, true);
    assert.equal(door.status.phase, 'unlocking');
    await clock.advance(2_999);
    assert.equal(board.released, true);
    await clock.advance(1);
    assert.equal(board.released, false);
    assert.deepEqual(changes, [{ kind: 'unlocked', cause: 'touch', pulseMs: 3_000 }, { kind: 'locked' }]);
    await door.close();
  });

  test('a pulse during a pulse prolongs it, once', async () => {
    const clock = new ManualClock();
    const { door, board, changes } = await simulatedDoor(clock);
    await door.unlock(1_000);
    await clock.advance(900);
    await door.unlock(1_000);
    await clock.advance(900);
    assert.equal(board.released, true);
    await clock.advance(100);
    assert.equal(board.released, false);
    assert.deepEqual(kinds(changes), ['unlocked', 'unlocked', 'locked']);
    assert.equal(clock.sleepers, 0);
  });

  test('closing locks at once and refuses everything after', async () => {
    const clock = new ManualClock();
    const { door, board, changes } = await simulatedDoor(clock);
    await door.unlock(1_000);
    await door.close();
    assert.equal(board.released, false);
    assert.deepEqual(kinds(changes), ['unlocked', 'locked']);
    await assert.rejects(door.unlock(1_000), isError('door.closed'));
    await clock.advance(5_000);
    assert.deepEqual(kinds(changes), ['unlocked', 'locked']);
  });

  test('a pulse has bounds', async () => {
    const { door, changes } = await simulatedDoor(new ManualClock());
    for (const wrong of [0, -1, Number.NaN, Infinity, SHORTEST_PULSE_MS - 1, LONGEST_PULSE_MS + 1])
      await assert.rejects(door.unlock(wrong), isError('door.bad-pulse'));
    assert.deepEqual(changes, []);
  });

  test('opening the door ends the pulse', async () => {
    const clock = new ManualClock();
    const { door, board, changes } = await simulatedDoor(clock, { contact: true });
    board.set('contact', false);
    await door.unlock(3_000);
    board.set('contact', true);
    assert.equal(board.released, false);
    board.set('contact', false);
    assert.deepEqual(kinds(changes), ['closed', 'unlocked', 'opened', 'locked', 'closed']);
    board.set('contact', true);
    assert.equal(changes.at(-1)?.kind, 'forced');
    assert.equal(door.status.phase, 'forced');
  });

  test('a door that stays open warns, raises the alarm, and ends it when closed', async () => {
    const clock = new ManualClock();
    const { door, board, changes } = await simulatedDoor(clock, { contact: true });
    board.set('contact', false);
    await door.unlock(3_000);
    board.set('contact', true);
    await clock.advance(20_000);
    await clock.advance(10_000);
    board.set('contact', false);
    assert.deepEqual(kinds(changes).slice(-5), ['locked', 'held-open-soon', 'held-open', 'alarm-ended', 'closed']);
  });

  test('the exit button of a lock that opens without power holds it, and a pulse follows', async () => {
    const clock = new ManualClock();
    const { board, changes } = await simulatedDoor(clock, { lock: 'safe', unlockMs: 2_000 });
    board.set('exit', true);
    await clock.advance(5_000);
    assert.equal(board.released, true);
    board.set('exit', false);
    await clock.advance(1_999);
    assert.equal(board.released, true);
    await clock.advance(1);
    assert.equal(board.released, false);
    assert.deepEqual(kinds(changes), ['exit-requested', 'unlocked', 'unlocked', 'locked']);
  });

  test('fire outranks lockdown, lockdown the operator, the operator the schedule', async () => {
    const { door, board } = await simulatedDoor(new ManualClock());
    door.follow('unlocked');
    assert.deepEqual([door.status.mode, board.released], ['unlocked', true]);
    door.command('secured');
    assert.deepEqual([door.status.mode, board.released], ['normal', false]);
    door.command('unlocked');
    assert.deepEqual([door.status.mode, board.released], ['unlocked', true]);
    door.command('lockdown');
    assert.deepEqual([door.status.mode, board.released], ['lockdown', false]);
    await assert.rejects(door.unlock(3_000), isError('door.locked-down'));
    board.set('exit', true);
    assert.equal(board.released, true, 'whoever is inside may leave');
    board.set('fire', true);
    assert.deepEqual([door.status.mode, board.released], ['evacuation', true]);
    board.set('fire', false);
    door.command('lockdown-end');
    door.command('secured');
    door.follow('normal');
    assert.deepEqual([door.status.mode, board.released], ['normal', false]);
    door.follow('unlocked');
    assert.equal(door.status.mode, 'unlocked', 'the operator’s overruling ended with the schedule that it overruled');
    await door.close();
  });
});
