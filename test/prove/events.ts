import type { Claim, ProofOptions } from './claim.ts';
import { proveClocks } from './clocks.ts';
import { proveLosses } from './losses.ts';
import { proveOutage } from './outage.ts';
import { provePowerCuts } from './power-cuts.ts';

/** What the events' way promises: that none is lost, whatever fails. */
export async function prove(options: ProofOptions): Promise<Claim[]> {
  return [
    ...(await proveOutage(options)),
    ...(await provePowerCuts(options)),
    ...(await proveClocks(options)),
    ...(await proveLosses(options)),
  ];
}
