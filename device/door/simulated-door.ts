import type { Clock } from '../clock.ts';
import { checkPulse, type Door, type DoorChange } from './door.ts';
import { DoorError } from './errors.ts';

/** A door without hardware that behaves as one with it and tells what its strike would do. */
export class SimulatedDoor implements Door {
  readonly #clock: Clock;
  readonly #onChange: (change: DoorChange) => void;
  #pulse: AbortController | undefined;
  #closed = false;

  constructor(clock: Clock, onChange: (change: DoorChange) => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  get unlocked(): boolean {
    return this.#pulse !== undefined;
  }

  unlock(pulseMs: number): Promise<void> {
    return new Promise((resolve) => {
      checkPulse(pulseMs);
      if (this.#closed) throw new DoorError('door.closed', 'the door has been closed down; start the terminal again');
      this.#pulse?.abort();
      const pulse = (this.#pulse = new AbortController());
      void this.#clock.sleep(pulseMs, pulse.signal).then(
        () => {
          this.#lock();
        },
        () => undefined, // prolonged, or locked before its time
      );
      this.#onChange({ kind: 'unlocked', pulseMs });
      resolve();
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#pulse?.abort();
    if (this.unlocked) this.#lock();
    return Promise.resolve();
  }

  #lock(): void {
    this.#pulse = undefined;
    this.#onChange({ kind: 'locked' });
  }
}
