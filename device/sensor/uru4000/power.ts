import type { Clock } from '../../clock.ts';
import { SensorError } from '../errors.ts';
import { SIGNAL, type Interrupts } from './interrupts.ts';
import { answerChallenge, CHALLENGE_BYTES } from './microsoft-answer.ts';
import { REGISTER, type Registers } from './registers.ts';

/** Bits of the hardware status. */
const STATUS = { lowPower: 0x80, fault: 0x04, rebooted: 0x01, kept: 0x0f } as const;

const POLL_MS = 10;
const MOST_POLLS = 100;
/** How long the scanner's power may take, and how often the reader is asked anew: now and then the signal never comes. */
const POWER_MS = 300;
const MOST_ATTEMPTS = 3;

export interface PowerUp {
  readonly registers: Registers;
  readonly interrupts: Interrupts;
  readonly authenticates: boolean;
  readonly clock: Clock;
}

/**
 * Brings the reader from any state to one that scans: a reader in fault is rebooted, then its power goes off and on.
 *
 * @throws SensorError `sensor.no-answer` where it does not come up
 */
export async function powerUp(parts: PowerUp, signal: AbortSignal): Promise<void> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) if (await attemptPowerUp(parts, signal)) return;
  throw new SensorError('sensor.no-answer', 'the reader does not switch its scanner on: plug it in again');
}

async function attemptPowerUp(parts: PowerUp, signal: AbortSignal): Promise<boolean> {
  const { registers, interrupts } = parts;
  interrupts.forget();
  const status = await bootedStatus(parts, signal);
  if ((status & STATUS.lowPower) === 0) await registers.writeStatus(status | STATUS.lowPower, signal);
  if (!(await leaveLowPower(parts, status & STATUS.kept, signal))) return false;
  const patience = new AbortController();
  const late = parts.clock.sleep(POWER_MS, AbortSignal.any([signal, patience.signal])).then(
    () => false,
    () => false,
  );
  // The signal may have come early, while the power was going up.
  const heard = interrupts.wait(SIGNAL.powerOn, AbortSignal.any([signal, patience.signal])).then(() => true);
  try {
    const up = await Promise.race([heard, late]);
    signal.throwIfAborted();
    return up;
  } finally {
    patience.abort();
    await heard.catch(() => undefined);
  }
}

/** The status of a reader without a fault; one that starts with a fault is rebooted first. */
async function bootedStatus({ registers, clock }: PowerUp, signal: AbortSignal): Promise<number> {
  const broken = STATUS.lowPower | STATUS.fault;
  const found = await registers.readStatus(signal);
  if ((found & broken) !== broken) return found;
  await registers.writeStatus(found & STATUS.kept, signal);
  for (let poll = 0; poll < MOST_POLLS; poll++) {
    const status = await registers.readStatus(signal);
    if ((status & STATUS.rebooted) !== 0) return status;
    await clock.sleep(POLL_MS, signal);
  }
  throw new SensorError('sensor.no-answer', 'the reader does not restart after a fault: plug it in again');
}

async function leaveLowPower(
  { registers, authenticates, clock }: PowerUp,
  status: number,
  signal: AbortSignal,
): Promise<boolean> {
  for (let poll = 0; poll < MOST_POLLS; poll++) {
    await registers.writeStatus(status, signal);
    if (((await registers.readStatus(signal)) & STATUS.lowPower) === 0) return true;
    if (authenticates) {
      const challenge = await registers.read(REGISTER.challenge, CHALLENGE_BYTES, signal);
      await registers.write(REGISTER.response, answerChallenge(challenge), signal);
    } else await clock.sleep(POLL_MS, signal);
  }
  return false;
}
