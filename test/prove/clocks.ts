import { clockSteppedByAnHour, clockSteppedByDays } from '../support/clock-scenes.ts';
import { skipWithoutFaketime } from '../support/faked-clock.ts';
import { type Claim, type ProofOptions, skipped } from './claim.ts';
import { proven } from './proven.ts';

/** A clock that somebody sets, under a terminal at work. */
export async function proveClocks({ onStage }: ProofOptions): Promise<Claim[]> {
  const missing = skipWithoutFaketime();
  if (missing !== false) return [skipped('a clock that is set', missing)];
  const claims: Claim[] = [];
  for (const [name, scene] of [
    ['clock set by a day and back, network lost', clockSteppedByDays],
    ['clock set by an hour; summer time', clockSteppedByAnHour],
  ] as const) {
    onStage(name);
    claims.push(
      await proven(name, 'denied by its reason, one sequence', async (cleanup) => ({
        figure: `${await scene(cleanup)} events`,
        holds: true,
      })),
    );
  }
  return claims;
}
