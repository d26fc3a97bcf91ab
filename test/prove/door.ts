import { modeOf, phaseOf } from '../../device/door/door-state.ts';
import { canReach, EVERY_EVENT, EVERY_WIRING, explore, keyOf } from '../support/door-exploration.ts';
import { skipWithoutRig, type Emulator } from '../support/door-rig.ts';
import {
  cablePulled,
  describeFault,
  FAULTS,
  grantedTouches,
  inputsAndAlarms,
  masterLost,
  RELAY_OFF_MS,
  terminalThawed,
  twoBoots,
} from '../support/door-scenes.ts';
import { proveAccess } from './access.ts';
import { judged, skipped, type Claim, type ProofOptions } from './claim.ts';
import { proven } from './proven.ts';

const TOUCHES = 8;
const CABLES = 100;

/** The door: its state machine whole, the rules and what they cost, real firmware on two emulators, and everything that can die or be pulled. */
export async function prove(options: ProofOptions): Promise<Claim[]> {
  const { quick, onStage } = options;
  const claims = [...proveMachine(), ...(await proveAccess(options))];
  for (const emulator of ['avr8js', 'simavr'] as const) claims.push(...(await proveFirmware(emulator, quick, onStage)));
  const missing = skipWithoutRig();
  if (missing !== false) return [...claims, skipped('relay off when its masters are lost', missing)];

  for (const fault of FAULTS) {
    const what = describeFault(fault);
    onStage(what);
    claims.push(
      await proven(`${what}: relay off, alarm sent`, `at most ${RELAY_OFF_MS} ms`, async (cleanup) => {
        const ms = await masterLost(cleanup, fault);
        return { figure: `${ms.toFixed(0)} ms`, holds: ms <= RELAY_OFF_MS };
      }),
    );
  }
  onStage('a frozen terminal thaws');
  claims.push(
    await proven('a terminal that thaws has its door again', 'unlocked as before', async (cleanup) => {
      await terminalThawed(cleanup);
      return { figure: 'ready again', holds: true };
    }),
  );
  const cables = quick ? CABLES / 10 : CABLES;
  claims.push(
    await proven('cable pulled at any instant of an unlocking', 'no rise after it', async (cleanup) => {
      const risen = await cablePulled(cleanup, cables, (round) => {
        if (round % 10 === 0) onStage(`the cable is pulled, ${round} of ${cables}`);
      });
      return { figure: `0 of ${cables} (${risen} rose before)`, holds: true };
    }),
  );
  return claims;
}

/** Every event in every state, of every wiring. */
function proveMachine(): Claim[] {
  let [states, edges, traps] = [0, 0, 0];
  const phases = new Set<string>();
  for (const wiring of EVERY_WIRING) {
    const exploration = explore(wiring);
    const calm = canReach(
      exploration,
      (state) => state.position === 'closed' && state.board === 'ready' && modeOf(state) === 'normal' && !state.pulse,
    );
    states += exploration.states.length;
    edges += exploration.edges.length;
    traps += exploration.states.filter((state) => !calm.has(keyOf(state))).length;
    for (const state of exploration.states) phases.add(`${phaseOf(state)}, ${modeOf(state)}`);
  }
  return [
    judged(
      'door states from which there is no way back to closed and locked',
      `${traps} of ${states}, ${edges} steps tried`,
      `0, every one of ${EVERY_EVENT.length} events in each`,
      traps === 0 && edges === states * EVERY_EVENT.length,
    ),
    { claim: 'phases and modes that occur together', figure: String(phases.size), bar: '', verdict: 'told' },
  ];
}

async function proveFirmware(emulator: Emulator, quick: boolean, onStage: (stage: string) => void): Promise<Claim[]> {
  const name = `StandardFirmata on ${emulator}`;
  const missing = skipWithoutRig(emulator);
  if (missing !== false) return [skipped(name, missing)];
  onStage(name);
  return [
    await proven(
      `${name}: granted touches raise the relay for the pulse`,
      '1000 ms, longer where touched anew',
      async (cleanup) => {
        const raised = await grantedTouches(cleanup, emulator, quick ? TOUCHES : 3 * TOUCHES);
        return { figure: `${raised.length} pulses, ${spread(raised)} ms`, holds: raised.length > 0 };
      },
    ),
    await proven(`${name}: boot and reset leave the relay alone`, 'no pin but 13', async (cleanup) => {
      const { blinks, others } = await twoBoots(cleanup, emulator);
      return { figure: `${blinks} blinks, ${others} other changes`, holds: others === 0 };
    }),
    await proven(`${name}: contact, exit, tamper, fire, restart`, 'each its events', async (cleanup) => {
      const types = await inputsAndAlarms(cleanup, emulator);
      return { figure: `${new Set(types).size} kinds of events`, holds: true };
    }),
  ];
}

function spread(values: readonly number[]): string {
  return `${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)}`;
}
