import { WhorlError } from '../../errors.ts';
import type { Clock } from '../../clock.ts';
import { type DeviceCertificate, readCertificate } from './certificate.ts';
import { renewCertificate } from './claim.ts';

/** How often it is looked whether the certificate is due: a clock may be set meanwhile, and a board claimed. */
const LOOK_MS = 3_600_000;
/** After a failure: a minute, then twice as long each time, to as long as a look. */
const FIRST_PAUSE_MS = 60_000;

export interface RenewalOptions {
  readonly state: string;
  readonly device: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onRenewed: (certificate: DeviceCertificate) => void;
  /** Told of every attempt that failed. */
  readonly onTrouble: (error: WhorlError, certificate: DeviceCertificate) => void;
}

/** Renews the board's certificate whenever it is due, until the signal ends it. */
export async function keepRenewing({ signal, onRenewed, onTrouble, ...board }: RenewalOptions): Promise<void> {
  const { clock, state } = board;
  let pause = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    const certificate = currentCertificate(state);
    let wait = LOOK_MS;
    if (certificate !== undefined && clock.now() >= certificate.renewAt)
      try {
        onRenewed(await renewCertificate(board));
        pause = FIRST_PAUSE_MS;
      } catch (cause) {
        onTrouble(
          cause instanceof WhorlError ? cause : new WhorlError('identity.failed', String(cause), { cause }),
          certificate,
        );
        // Jittered: a fleet that failed together does not come back together.
        wait = pause * (0.5 + Math.random() / 2);
        pause = Math.min(LOOK_MS, pause * 2);
      }
    await clock.sleep(wait, signal).catch(() => undefined);
  }
}

/** One that cannot be read is `whorl identity show`'s to tell: nothing here can renew it. */
function currentCertificate(state: string): DeviceCertificate | undefined {
  try {
    return readCertificate(state);
  } catch {
    return undefined;
  }
}
