import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { uptime as secondsSinceBoot } from 'node:os';
import { promisify } from 'node:util';
import { z } from 'zod';
import { CLOCK_TOLERANCE_MS, type ClockDoubt, type ClockEvidence, doubtOf } from './access/clock-doubt.ts';
import type { Clock } from './clock.ts';
import { replaceFile } from './durable-file.ts';

/** Its memory in the state directory. */
export const CLOCK_FILE = 'clock.json';

/** How often the network's word is asked for and the memory is written. */
const ROUND_MS = 60_000;
const ANSWER_MS = 5_000;

const memorySchema = z.object({
  latest: z.number(),
  /** Names one start of the board. */
  boot: z.string(),
  synchronisedAt: z.number().optional(),
  /** What the clock showed when this was written, and for how long the board had been running, in milliseconds. */
  written: z.object({ now: z.number(), uptime: z.number() }).optional(),
});
type Memory = z.infer<typeof memorySchema>;

export interface ClockTrustOptions {
  readonly clock: Clock;
  /** Of the file that remembers the latest time seen. */
  readonly path: string;
  /** Whether a battery keeps the board's clock, which is then trusted without a network. */
  readonly battery: boolean;
  /** Told when the doubt changes; undefined is trust. */
  readonly onChange: (doubt: ClockDoubt | undefined) => void;
  /** Whether the network vouches for the clock now; undefined where nothing here knows. */
  readonly synchronised?: () => Promise<boolean | undefined>;
  /** Names this start of the board. */
  readonly boot?: string;
  /** For how long the board has been running, whatever its clock says, milliseconds. */
  readonly uptime?: () => number;
}

/**
 * Watches the board's clock for signs that it cannot be relied on. It remembers the latest time ever seen, and how time
 * and the board's uptime stood to each other, so that a clock that was set while the terminal was off is noticed too.
 */
export class ClockTrust {
  readonly #options: ClockTrustOptions;
  readonly #boot: string;
  readonly #stop = new AbortController();
  #evidence: Omit<ClockEvidence, 'now'>;
  /** The clock's two readings at the last look: they must advance together. */
  #last: { readonly now: number; readonly monotonic: number };
  #told: ClockDoubt | undefined;

  private constructor(options: ClockTrustOptions) {
    this.#options = options;
    const { clock, path, boot = readBoot() } = options;
    this.#boot = boot;
    this.#last = { now: clock.now(), monotonic: clock.monotonic() };
    const memory = readMemory(path);
    this.#evidence = {
      latest: memory?.latest ?? this.#last.now,
      synchronisedAt: memory?.boot === boot && !this.#wasSetAhead(memory) ? memory.synchronisedAt : undefined,
      asksNetwork: false,
    };
  }

  /** Looks at the clock once, and from then on every minute. */
  static async open(options: ClockTrustOptions): Promise<ClockTrust> {
    const trust = new ClockTrust(options);
    await trust.#ask();
    trust.#tell();
    void trust.#watch();
    return trust;
  }

  /** Why the time of day cannot be relied on at this moment; undefined if it can. */
  get doubt(): ClockDoubt | undefined {
    this.#look();
    return doubtOf({ ...this.#evidence, now: this.#last.now });
  }

  close(): void {
    this.#stop.abort();
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    for (;;) {
      try {
        await this.#options.clock.sleep(ROUND_MS, signal);
      } catch {
        return;
      }
      await this.#ask();
      if (signal.aborted) return;
      this.#tell();
    }
  }

  /** Whether the clock is ahead of what it showed in the memory's time and what has passed since. */
  #wasSetAhead({ written }: Memory): boolean {
    return (
      written !== undefined && this.#last.now - written.now - (this.#uptime() - written.uptime) > CLOCK_TOLERANCE_MS
    );
  }

  #uptime(): number {
    const { uptime = () => secondsSinceBoot() * 1_000 } = this.#options;
    return uptime();
  }

  /** A clock that jumps ahead of the time that has passed is one that somebody set: the network's word is void. */
  #look(): void {
    const { clock } = this.#options;
    const [now, monotonic] = [clock.now(), clock.monotonic()];
    const ahead = now - this.#last.now - (monotonic - this.#last.monotonic);
    const { latest, synchronisedAt, ...rest } = this.#evidence;
    const isSet = ahead > CLOCK_TOLERANCE_MS;
    this.#evidence = { ...rest, latest: Math.max(latest, now), synchronisedAt: isSet ? undefined : synchronisedAt };
    this.#last = { now, monotonic };
  }

  async #ask(): Promise<void> {
    const { synchronised = askTimedatectl, battery, path } = this.#options;
    const answer = await synchronised();
    this.#look();
    const { now } = this.#last;
    const asksNetwork = !battery && answer !== undefined;
    // What the network says now outweighs what the clock said before.
    this.#evidence = answer ? { latest: now, synchronisedAt: now, asksNetwork } : { ...this.#evidence, asksNetwork };
    writeMemory(path, { ...this.#evidence, boot: this.#boot, written: { now, uptime: this.#uptime() } });
  }

  #tell(): void {
    const { doubt } = this;
    if (doubt !== this.#told) this.#options.onChange(doubt);
    this.#told = doubt;
  }
}

/** What systemd knows from the kernel, whoever keeps its time; undefined without systemd. */
async function askTimedatectl(): Promise<boolean | undefined> {
  try {
    const words = ['show', '--property=NTPSynchronized', '--value'];
    const { stdout } = await promisify(execFile)('timedatectl', words, { timeout: ANSWER_MS });
    return stdout.trim() === 'yes' ? true : stdout.trim() === 'no' ? false : undefined;
  } catch {
    return undefined;
  }
}

function readBoot(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

function readMemory(path: string): Memory | undefined {
  try {
    return memorySchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // None yet, or none that could be read: it is made anew.
    return undefined;
  }
}

function writeMemory(path: string, { latest, boot, synchronisedAt, written }: Memory): void {
  const memory: Memory = { latest, boot, ...(synchronisedAt !== undefined && { synchronisedAt }), written };
  try {
    replaceFile(path, JSON.stringify(memory));
  } catch {
    // A full disk must not take the clock from a door that goes on; the outbox says what is wrong with it.
  }
}
