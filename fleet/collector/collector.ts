import type { Clock } from '../../device/clock.ts';
import { isRefusal, readMessage, type Arrival, type Refusal } from './arrival.ts';
import { CollectorError } from './errors.ts';
import { keyOf, type EventStore, type JournalKey, type Standing } from './event-store.ts';
import type { Delivery, Feed, OpenFeed } from './feed.ts';

/** The most events in a transaction, and the most that wait for the next one before the broker is slowed down. */
const BATCH = 5_000;
const MOST_WAITING = 2 * BATCH;

/** How long a batch is gathered after its first event: many cursors then move by one write to disk. */
const GATHER_MS = 20;

/** Pause after the store failed, doubled up to the longest. */
const FIRST_STORE_PAUSE_MS = 100;
const LONGEST_STORE_PAUSE_MS = 5_000;

/** How often holes are looked after. */
const LOOK_MS = 1_000;

/** How long a hole may close by itself (another collector may hold what is missing), and the pauses between asking. */
const HOLE_PATIENCE_MS = 5_000;
const LONGEST_ASK_PAUSE_MS = 10 * 60_000;

/**
 * So often a replay is asked of a device that goes on sending, before the hole counts as lost: the device would have
 * sent what it still keeps at the first time.
 */
const MOST_ASKED = 4;

/** The most holes looked after at a time. */
const MOST_HOLES = 10_000;

interface Hole {
  readonly key: JournalKey;
  readonly cursor: number;
  asked: number;
  due: number;
  /** Whether its device was heard since it was last asked. */
  heard: boolean;
}

export interface CollectorOptions {
  readonly store: EventStore;
  readonly openFeed: OpenFeed;
  readonly clock: Clock;
  /** Told of what went wrong, and of what is going well again by `undefined`. */
  readonly onTrouble: (error: CollectorError | undefined) => void;
  /** Told of a hole that is taken for lost: these sequence numbers did not come, although asked for. */
  readonly onLost?: (key: JournalKey, first: number, last: number) => void;
}

export interface Counts {
  /** Messages that came, repetitions included. */
  readonly received: number;
  /** Events stored, each once. */
  readonly stored: number;
  readonly refused: number;
  readonly batches: number;
  /** Replays asked for. */
  readonly asked: number;
}

/**
 * Brings every device's durable feed into a store, each event once, and tells each device how far it is stored.
 *
 * It keeps nothing of its own that matters: the cursors lie in the store and move in the same transaction as the
 * events, so that it may be killed at any moment and may share its work with others.
 */
export class Collector {
  readonly #options: CollectorOptions;
  readonly #stop = new AbortController();
  readonly #holes = new Map<string, Hole>();
  #waiting: Delivery[] = [];
  #room: (() => void)[] = [];
  #work: () => void = () => undefined;
  #feed: Feed | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #counts = { received: 0, stored: 0, refused: 0, batches: 0, asked: 0 };

  private constructor(options: CollectorOptions) {
    this.#options = options;
  }

  static async open(options: CollectorOptions): Promise<Collector> {
    const collector = new Collector(options);
    const feed = await options.openFeed((delivery) => collector.#take(delivery));
    collector.#feed = feed;
    collector.#running = Promise.all([collector.#commitForever(feed), collector.#lookForever(feed)]);
    return collector;
  }

  get counts(): Counts {
    return this.#counts;
  }

  /** What came and is not committed yet is left to the devices, who send it again. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#work();
    for (const go of this.#room.splice(0)) go();
    await this.#running;
    await this.#feed?.close();
  }

  #take(delivery: Delivery): Promise<void> {
    this.#counts.received++;
    this.#waiting.push(delivery);
    this.#work();
    if (this.#waiting.length < MOST_WAITING) return Promise.resolve();
    return new Promise((resolve) => this.#room.push(resolve));
  }

  async #commitForever(feed: Feed): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      if (this.#waiting.length === 0)
        await new Promise<void>((resolve) => {
          this.#work = resolve;
        });
      if (this.#waiting.length < BATCH) await clock.sleep(GATHER_MS, signal).catch(() => undefined);
      const batch = this.#waiting.splice(0, BATCH);
      if (this.#waiting.length < MOST_WAITING) for (const go of this.#room.splice(0)) go();
      await this.#store(feed, batch);
    }
  }

  async #store(feed: Feed, batch: readonly Delivery[]): Promise<void> {
    const { store, clock } = this.#options;
    const now = clock.now();
    const read = batch.map((delivery) => readMessage(delivery, now));
    const arrivals = read.filter((one): one is Arrival => !isRefusal(one));
    const refusals = read.filter(isRefusal);
    if (refusals.length > 0) await this.#persist(() => store.refuse(refusals));
    await this.#commit(feed, arrivals);
    if (this.#stop.signal.aborted) return;
    this.#counts.batches++;
    this.#counts.refused += refusals.length;
    for (const { settle } of batch) settle?.();
  }

  /** A batch that the store refuses for good is halved until the event that it will not take stands alone. */
  async #commit(feed: Feed, arrivals: readonly Arrival[]): Promise<void> {
    if (arrivals.length === 0) return;
    const { store, clock } = this.#options;
    try {
      const committed = await this.#persist(() => store.commit(arrivals));
      if (committed === undefined) return;
      this.#counts.stored += committed.fresh;
      for (const standing of committed.standings) {
        if (standing.cursor > 0) feed.acknowledge(standing, standing.cursor);
        this.#noteHole(standing);
      }
    } catch (error) {
      if (!(error instanceof CollectorError)) throw error;
      if (arrivals.length > 1) {
        const half = arrivals.length >>> 1;
        await this.#commit(feed, arrivals.slice(0, half));
        await this.#commit(feed, arrivals.slice(half));
        return;
      }
      const [{ device, body }] = arrivals;
      const refusal: Refusal = {
        topic: `whorl/${device}/event`,
        payload: Buffer.from(body),
        reason: `the store does not take it: ${error.message}`,
        at: clock.now(),
      };
      this.#counts.refused++;
      await this.#persist(() => store.refuse([refusal]));
    }
  }

  /**
   * Does it for as long as it takes; undefined when closed meanwhile. Events wait in the devices as long as here.
   *
   * @throws CollectorError `collector.store-refused`
   */
  async #persist<T>(work: () => Promise<T>): Promise<T | undefined> {
    const { clock, onTrouble } = this.#options;
    const { signal } = this.#stop;
    for (
      let pause = FIRST_STORE_PAUSE_MS, failed = false;
      !signal.aborted;
      pause = Math.min(2 * pause, LONGEST_STORE_PAUSE_MS)
    ) {
      try {
        const result = await work();
        if (failed) onTrouble(undefined);
        return result;
      } catch (error) {
        if (!(error instanceof CollectorError) || error.code === 'collector.store-refused') throw error;
        if (!failed) onTrouble(error);
        failed = true;
        await clock.sleep(pause, signal).catch(() => undefined);
      }
    }
    return undefined;
  }

  #noteHole({ device, journal, cursor, highest }: Standing): void {
    const key = keyOf({ device, journal });
    if (highest <= cursor) {
      this.#holes.delete(key);
      return;
    }
    const known = this.#holes.get(key);
    if (known?.cursor === cursor) known.heard = true;
    else if (known !== undefined || this.#holes.size < MOST_HOLES)
      this.#holes.set(key, {
        key: { device, journal },
        cursor,
        asked: 0,
        due: this.#options.clock.monotonic() + HOLE_PATIENCE_MS,
        heard: true,
      });
  }

  async #lookForever(feed: Feed): Promise<void> {
    const { store, clock } = this.#options;
    const { signal } = this.#stop;
    const left = await this.#persist(() => store.holes(MOST_HOLES));
    for (const standing of left ?? []) this.#noteHole(standing);
    for (;;) {
      await clock.sleep(LOOK_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.#look(feed);
    }
  }

  async #look(feed: Feed): Promise<void> {
    const { store, clock, onLost } = this.#options;
    const now = clock.monotonic();
    const due = [...this.#holes.values()].filter((hole) => hole.due <= now);
    if (due.length === 0) return;
    // Another collector may have closed them.
    const standings = await this.#persist(() => store.standings(due.map(({ key }) => key)));
    for (const standing of standings ?? []) this.#noteHole(standing);
    for (const hole of due) {
      if (this.#holes.get(keyOf(hole.key)) !== hole) continue;
      if (hole.asked >= MOST_ASKED && hole.heard) {
        const given = await this.#persist(() => store.giveUp(hole.key, hole.cursor));
        if (given === undefined) return;
        if (given.hole !== undefined) onLost?.(hole.key, ...given.hole);
        feed.acknowledge(hole.key, given.standing.cursor);
        this.#noteHole(given.standing);
        continue;
      }
      // A device that is not heard is asked ever more rarely; it begins at its cursor by itself when it is back.
      hole.due = now + Math.min(HOLE_PATIENCE_MS * 2 ** hole.asked, LONGEST_ASK_PAUSE_MS);
      if (hole.heard) hole.asked++;
      hole.heard = false;
      this.#counts.asked++;
      feed.askReplay(hole.key, hole.cursor + 1);
    }
  }
}
