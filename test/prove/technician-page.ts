import { LAPTOP, PHONE, skipWithoutChromium, Technician, type BrowserKind } from '../support/browser.ts';
import type { Cleanup } from '../support/cleanup.ts';
import { skipWithoutRig } from '../support/door-rig.ts';
import { plainTraces, ProvisioningBoard } from '../support/provisioning-board.ts';
import { checkReport, enrolStaff, lookingAt, provision, type Walk } from '../support/provisioning-scenes.ts';
import { skipped, type Claim, type ProofOptions } from './claim.ts';
import { proven } from './proven.ts';

/** A boxed board becomes a door, in a real browser: by keys alone, and by a finger on a phone. */
export async function proveTechnicianPage({ quick, onStage }: ProofOptions): Promise<Claim[]> {
  const missing = skipWithoutChromium() || skipWithoutRig();
  if (missing !== false) return [skipped('a boxed board becomes a door by its page', missing)];
  const claims: Claim[] = [];
  const kinds: readonly (readonly [string, BrowserKind])[] = [
    ['a laptop, keys alone', LAPTOP],
    ...(quick ? [] : [['a phone, 360 px wide', PHONE] as const]),
  ];
  for (const [name, kind] of kinds) {
    onStage(name);
    claims.push(
      await proven(
        `${name}: first visit to signed report, staff enrolled`,
        'no serious fault by axe, all fits',
        (cleanup) => walk(cleanup, kind),
      ),
    );
  }
  return claims;
}

async function walk(cleanup: Cleanup, kind: BrowserKind): Promise<{ figure: string; holds: boolean }> {
  const board = await ProvisioningBoard.open(cleanup);
  const seen: Walk = { faults: [], misfits: [] };
  const begin = performance.now();
  const technician = await Technician.open(cleanup, board.url, kind);
  const look = lookingAt(technician, seen);
  await provision(technician, board, look);
  await enrolStaff(technician, board, look);
  const seconds = ((performance.now() - begin) / 1_000).toFixed(0);
  const { steps, failed } = checkReport(board);
  const traces = plainTraces(board.state, ['Amara', 'Bao']);
  const { faults, misfits } = seen;
  return {
    figure: `${steps - failed} of ${steps} steps in ${seconds} s, ${faults.length} faults, ${misfits.length} misfits, ${traces.length} plain names or pictures kept`,
    holds: failed === 0 && faults.length === 0 && misfits.length === 0 && traces.length === 0,
  };
}
