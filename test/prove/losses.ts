import { FAULTS, loseAndFind } from '../support/loss-rounds.ts';
import { skipWithoutMosquitto } from '../support/mosquitto.ts';
import { skipWithoutMount } from '../support/small-disk.ts';
import { type Claim, type ProofOptions, skipped } from './claim.ts';
import { proven } from './proven.ts';

const ROUNDS = 300;
const QUICK_ROUNDS = 10;
const SEED = 20261127;

/** Everything between a finger and the fleet's collector fails, again and again, while people touch. */
export async function proveLosses({ quick, onStage }: ProofOptions): Promise<Claim[]> {
  const name = 'failures while people touch: every event once, in order';
  const missing = skipWithoutMosquitto();
  if (missing !== false) return [skipped(name, missing)];
  const rounds = quick ? QUICK_ROUNDS : ROUNDS;
  const noDisk = skipWithoutMount();
  return [
    ...(noDisk === false ? [] : [skipped('full disk among the failures', noDisk)]),
    await proven(name, `${rounds} rounds; each unlocking has its event`, async (cleanup) => {
      const { faults, ...tally } = await loseAndFind(cleanup, rounds, SEED, (round) => {
        if (round % 10 === 0) onStage(`failures, ${round} of ${rounds}`);
      });
      const failed = FAULTS.map((fault) => `${fault} ${faults[fault]}`).join(', ');
      const { events, granted, unlocked, touched } = tally;
      return {
        figure: `${events} events, ${granted} granted, ${unlocked} unlockings, touches in ${touched} rounds (${failed})`,
        holds: granted > 0 && unlocked > 0,
      };
    }),
  ];
}
