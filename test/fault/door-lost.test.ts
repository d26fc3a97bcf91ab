import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipWithoutRig } from '../support/door-rig.ts';
import {
  cablePulled,
  describeFault,
  FAULTS,
  masterLost,
  RELAY_OFF_MS,
  terminalThawed,
} from '../support/door-scenes.ts';

const UNPLUGGINGS = 20;

describe('a door whose masters die', { skip: skipWithoutRig() }, () => {
  for (const fault of FAULTS)
    test(`${describeFault(fault)}: relay off within the bound, alarm sent`, async (context) => {
      const ms = await masterLost(context, fault);
      context.diagnostic(`${ms.toFixed(0)} ms`);
      assert.ok(ms <= RELAY_OFF_MS, `${ms} ms`);
    });

  test('a terminal that thaws has its door again', async (context) => {
    await terminalThawed(context);
  });

  test(`the cable pulled ${UNPLUGGINGS} times at any instant of an unlocking: nothing unlocks when it is back`, async (context) => {
    const risen = await cablePulled(context, UNPLUGGINGS);
    context.diagnostic(`unlocked before the cable was pulled: ${risen} of ${UNPLUGGINGS}`);
  });
});
