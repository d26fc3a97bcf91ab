import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipWithoutRig } from '../support/door-rig.ts';
import { grantedTouches, inputsAndAlarms, twoBoots } from '../support/door-scenes.ts';

for (const emulator of ['avr8js', 'simavr'] as const)
  describe(`a door on real firmware, run by ${emulator}`, { skip: skipWithoutRig(emulator) }, () => {
    test('granted touches raise the relay’s pin for the pulse, and nothing else does', async (context) => {
      const raised = await grantedTouches(context, emulator, 8);
      context.diagnostic(`relay high for ${raised.map((ms) => ms.toFixed(0)).join(', ')} ms`);
    });

    test('boot blink and reset never raise the relay’s pin', async (context) => {
      const { blinks, others } = await twoBoots(context, emulator);
      assert.ok(blinks >= 12);
      assert.equal(others, 0);
    });

    test('contact, exit button, tamper, fire and a restart of the board have their events and alarms', async (context) => {
      await inputsAndAlarms(context, emulator);
    });
  });
