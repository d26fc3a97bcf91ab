import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CARELESS_SCENES } from '../support/careless-scenes.ts';
import { skipWithoutRecorder } from '../support/disk-recording.ts';
import { POWER_CUT_SCENES } from '../support/power-cut-scenes.ts';
import { cutPower, recordScene } from '../support/power-cuts.ts';

const SEED = 7;
/** About so many of a scene's steps are cut at; `npm run prove -- events` cuts at each. */
const STEPS = 25;

describe('power cuts over a recorded disk', { skip: skipWithoutRecorder() }, () => {
  for (const scene of POWER_CUT_SCENES)
    test(scene.name, async (context) => {
      const recording = await recordScene(context, scene);
      const stride = Math.max(1, Math.floor(recording.steps.length / STEPS));
      const { steps, cuts } = await cutPower(context, recording, scene, { stride, shuffles: 1, seed: SEED });
      context.diagnostic(`${cuts} cuts at ${Math.floor(steps / stride)} of ${steps} steps`);
      assert.ok(cuts >= steps / stride, 'too little was cut to prove anything');
    });

  for (const scene of CARELESS_SCENES)
    test(`a careless program is found out: ${scene.name}`, async (context) => {
      const recording = await recordScene(context, scene);
      await assert.rejects(
        cutPower(context, recording, scene, { stride: 1, shuffles: 2, seed: SEED }),
        /^.*cut after step/,
      );
    });
});
