import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  isReleased,
  modeOf,
  phaseOf,
  standsFree,
  step,
  timersOf,
  type DoorState,
} from '../../device/door/door-state.ts';
import { canReach, EVERY_EVENT, EVERY_WIRING, explore, keyOf } from '../support/door-exploration.ts';

for (const wiring of EVERY_WIRING) {
  const { contact, lock } = wiring;
  describe(`door state, ${contact ? 'with' : 'without'} contact, fail-${lock}`, () => {
    const exploration = explore(wiring);
    const { states, edges } = exploration;

    test('every phase and every mode can be reached, and every event was tried in every state', () => {
      assert.equal(edges.length, states.length * EVERY_EVENT.length);
      assert.deepEqual(
        new Set(states.map(phaseOf)),
        new Set(
          contact
            ? ['unknown', 'closed', 'unlocking', 'open', 'pre-alarm', 'held-open', 'forced']
            : ['closed', 'unlocking'],
        ),
      );
      assert.deepEqual(new Set(states.map(modeOf)), new Set(['normal', 'unlocked', 'lockdown', 'evacuation']));
    });

    test('no trap: from everywhere the door can come back to closed, locked and calm', () => {
      const calm = (state: DoorState): boolean =>
        state.position === 'closed' &&
        state.board === 'ready' &&
        modeOf(state) === 'normal' &&
        state.operator === 'none' &&
        !state.pulse &&
        !state.exit &&
        !state.tamper;
      const good = canReach(exploration, calm);
      assert.deepEqual(
        states.filter((state) => !good.has(keyOf(state))),
        [],
      );
    });

    test('no release that nothing ends: a timer, or what holds it, is there in every released state', () => {
      for (const state of states.filter((it) => isReleased(it, wiring)))
        assert.ok(
          timersOf(state).includes('pulse') || standsFree(state) || (lock === 'safe' && state.exit),
          keyOf(state),
        );
    });

    test('never released: after the board was lost, or in lockdown without exit button or fire', () => {
      for (const { from, event, to } of edges) {
        if (event.kind === 'board' && event.board === 'lost') assert.equal(isReleased(to, wiring), false);
        if (event.kind === 'lockdown' && event.active && !to.fire && !to.exit)
          assert.equal(isReleased(to, wiring), false, keyOf(from));
        if (modeOf(from) === 'lockdown' && event.kind === 'grant') assert.deepEqual(to, from);
      }
    });

    test('only these release a locked door: a grant, the exit button, the operator, the schedule, fire, and a lesser mode again', () => {
      const may = ['grant', 'exit', 'operator', 'schedule', 'fire', 'lockdown', 'board'];
      for (const { from, event, to } of edges)
        if (!isReleased(from, wiring) && isReleased(to, wiring)) {
          assert.ok(may.includes(event.kind), event.kind);
          if (event.kind === 'board' || event.kind === 'lockdown') assert.ok(standsFree(to));
        }
    });

    test('opened without release or exit button is forced; with one it is not, and the pulse ends', () => {
      for (const { from, event, to } of edges) {
        if (event.kind !== 'opened' || from.position !== 'closed' || !contact) continue;
        assert.equal(
          to.position,
          isReleased(from, wiring) || from.exit || standsFree(from) ? 'open' : 'forced',
          keyOf(from),
        );
        assert.equal(to.pulse, false);
      }
    });

    test('closing an open door relocks it', () => {
      for (const { from, event, to } of edges)
        if (event.kind === 'closed' && !['closed', 'unknown'].includes(from.position)) {
          assert.equal(to.position, 'closed');
          assert.equal(to.pulse, false);
        }
    });

    test('a timer that is not running does nothing when due, and one that is due ends', () => {
      for (const { from, event, to } of edges) {
        if (event.kind !== 'due') continue;
        if (timersOf(from).includes(event.timer)) assert.ok(!timersOf(to).includes(event.timer), keyOf(from));
        else assert.deepEqual(to, from);
      }
    });

    test('a step is a calculation: the state before is left as it was', () => {
      for (const state of states.slice(0, 50)) {
        const frozen = Object.freeze({ ...state });
        for (const event of EVERY_EVENT) step(frozen, event, wiring);
      }
    });
  });
}
