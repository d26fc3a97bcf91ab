import type { UsbConnection } from '../usb/usb-bus.ts';
import { SensorError } from '../errors.ts';

const ENDPOINT = 0x81;
const PACKET_BYTES = 64;

/** What the reader announces: the first two bytes of an interrupt packet, the high one first. */
export const SIGNAL = { powerOn: 0x56aa, fingerOn: 0x0101, fingerOff: 0x0200, death: 0x0800 } as const;

const KNOWN: ReadonlySet<number> = new Set(Object.values(SIGNAL));

/**
 * Hears what the reader announces, always: a transfer is armed from the beginning to the end, since a signal may come
 * before anybody waits for it. Such a signal is remembered until it is forgotten on purpose; anything unknown is passed
 * over.
 */
export class Interrupts {
  readonly #heard = new Set<number>();
  readonly #closing = new AbortController();
  #failure: { readonly cause: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(usb: UsbConnection) {
    void this.#listen(usb);
  }

  /** From now on only what comes anew is heard. */
  forget(): void {
    this.#heard.clear();
  }

  /** @throws SensorError when the reader fails meanwhile; the signal's reason when aborted */
  async wait(wanted: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#heard.delete(wanted)) return;
      if (this.#failure !== undefined) throw this.#failure.cause;
      await new Promise<void>((resolve) => {
        const done = (): void => {
          signal.removeEventListener('abort', done);
          this.#wake = undefined;
          resolve();
        };
        signal.addEventListener('abort', done, { once: true });
        this.#wake = done;
      });
    }
  }

  close(): void {
    this.#closing.abort(new SensorError('sensor.closed', 'the sensor has been closed'));
  }

  async #listen(usb: UsbConnection): Promise<void> {
    const { signal } = this.#closing;
    try {
      for (;;) {
        const packet = await usb.read(ENDPOINT, PACKET_BYTES, { signal });
        const said = packet.length < 2 ? -1 : (packet[0] << 8) | packet[1];
        if (said === SIGNAL.death)
          throw new SensorError('sensor.disconnected', 'the reader reports a failure of its own: plug it in again');
        if (!KNOWN.has(said)) continue;
        this.#heard.add(said);
        this.#wake?.();
      }
    } catch (cause) {
      this.#failure = { cause };
      this.#wake?.();
    }
  }
}
