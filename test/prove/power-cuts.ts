import { CARELESS_SCENES } from '../support/careless-scenes.ts';
import { skipWithoutRecorder } from '../support/disk-recording.ts';
import { POWER_CUT_SCENES } from '../support/power-cut-scenes.ts';
import { cutPower, recordScene } from '../support/power-cuts.ts';
import { type Claim, type ProofOptions, skipped } from './claim.ts';
import { proven } from './proven.ts';

const SEED = 20261127;
/** Each cut is made so often with other blocks and names lost, for blocks of 512 and of 4096 bytes. */
const SHUFFLES = 5;
/** Cuts at every so-manieth step, and each with other losses but once, where there is little time. */
const QUICK_STRIDE = 10;

/** What a state directory is worth when the power fails at any step of what is done to it. */
export async function provePowerCuts({ quick, onStage }: ProofOptions): Promise<Claim[]> {
  const missing = skipWithoutRecorder();
  if (missing !== false) return [skipped('power cuts over a recorded disk', missing)];
  const claims: Claim[] = [];
  for (const scene of POWER_CUT_SCENES) {
    onStage(`power cut: ${scene.name}`);
    claims.push(
      await proven(`power cut: ${scene.name}`, 'opens, all promised is there, nothing half', async (cleanup) => {
        const recording = await recordScene(cleanup, scene);
        const options = quick ? { stride: QUICK_STRIDE, shuffles: 1 } : { stride: 1, shuffles: SHUFFLES };
        const { steps, cuts } = await cutPower(cleanup, recording, scene, { ...options, seed: SEED });
        return { figure: `${cuts} cuts, ${steps} steps`, holds: cuts > 0 };
      }),
    );
  }
  onStage('power cut: careless programs');
  claims.push(
    await proven('power cut: programs that leave out one sync are found out', 'each', async (cleanup) => {
      let found = 0;
      for (const scene of CARELESS_SCENES) {
        const recording = await recordScene(cleanup, scene);
        await cutPower(cleanup, recording, scene, { stride: 1, shuffles: 2, seed: SEED }).catch(() => found++);
      }
      return { figure: `${found} of ${CARELESS_SCENES.length}`, holds: found === CARELESS_SCENES.length };
    }),
  );
  return claims;
}
