import type { Clock } from '../clock.ts';
import { EventsError } from './errors.ts';
import { timeOf, type KeptEvent, type Outbox } from './outbox.ts';

/** Events that the broker has not taken yet, at a time. mosquitto takes 20 messages of a client by default
 * (`max_inflight_messages`); the rest is for state, health and answers. */
const WINDOW = 16;
const OTHERS = 4;

/** Events on their way beyond the collector's cursor, at a time: as many as brokers queue for a client by default. */
const COLLECTOR_WINDOW = 1_000;

/** A broker that does not take an event for so long is left and tried again. */
const BROKER_PATIENCE_MS = 30_000;

/** A collector that acknowledges nothing for so long is sent everything again, and then after ever longer pauses. */
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 10 * 60_000;

/** An event that is sent longer than this after its time is late. */
const LATE_MS = 60_000;

/** How often events that another process appended are looked for, and patience is looked at. */
const LOOK_MS = 1_000;

/** Events shown at a time; the door comes first. */
const SHOWN_AT_ONCE = 100;

/** Whose acknowledgement lets an event's delivery end: the collector's that stored it, or the broker's that took it. */
export type AcknowledgedBy = 'collector' | 'broker';

/** One connection, as a delivery uses it. */
export interface Carrier {
  /** Messages that the broker takes at a time before it has acknowledged the first, all kinds together. */
  readonly receiveMaximum: number;
  /** Sends an event and tells when the broker has taken it, or why it did not. */
  send(event: KeptEvent, late: boolean, taken: (error?: Error) => void): void;
  /** Shows an event to whoever looks now. */
  show(event: KeptEvent): void;
}

export interface DeliveryOptions {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly acknowledgedBy: AcknowledgedBy;
  readonly carrier: Carrier;
  /** Told of what ends the connection; the next one begins at the outbox's cursor again. */
  readonly giveUp: (error: Error) => void;
  readonly onTrouble: (error: EventsError) => void;
}

interface Flight {
  readonly sequence: number;
  taken: boolean;
}

/**
 * The durable feed over one connection, in order: from the outbox's cursor on, and again from an earlier event on where
 * the collector asks for it or stays silent. Beside it every event as it happens, whatever the backlog is.
 */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #stop = new AbortController();
  readonly #unsubscribe: () => void;
  readonly #window: number;
  readonly #journal: string;
  readonly #told = new Set<string>();
  /** What the broker has not taken yet, in the order in which it was sent. */
  readonly #flights: Flight[] = [];
  /** How far events were sent. */
  #sent: number;
  /** How far the collector is, as far as it said: behind the outbox's cursor while it gets a replay. */
  #confirmed: number;
  /** What the collector said to have stored; the outbox's cursor follows. */
  #stored = 0;
  /** Up to here everything was sent before. */
  #repeatedTo = 0;
  #shown: number;
  /** When the broker took something last, and when the collector moved on; on the monotonic clock. */
  #lastTaken: number;
  #lastConfirmed: number;
  #pause = FIRST_PAUSE_MS;
  #published = 0;
  #acknowledged = 0;
  #pumping = false;

  /** @throws EventsError `events.outbox-write` */
  constructor(options: DeliveryOptions) {
    this.#options = options;
    const { outbox, clock, carrier } = options;
    outbox.reportLoss();
    this.#window = Math.max(1, Math.min(WINDOW, carrier.receiveMaximum - OTHERS));
    this.#journal = outbox.journal;
    this.#sent = this.#confirmed = outbox.acknowledged;
    this.#shown = outbox.last;
    this.#lastTaken = this.#lastConfirmed = clock.monotonic();
    // Later, not within the append: the door comes first.
    this.#unsubscribe = outbox.onAppend(() => {
      this.#pumpSoon();
    });
    void this.#look();
  }

  /** Messages handed to the broker, repetitions included, and events by which the cursor moved. */
  get counts(): { readonly published: number; readonly acknowledged: number } {
    return { published: this.#published, acknowledged: this.#acknowledged };
  }

  stop(): void {
    this.#stop.abort();
    this.#unsubscribe();
  }

  /** The collector has stored everything up to and with this event. */
  acknowledge(journal: string, sequence: number): void {
    this.#guarded(() => {
      if (!this.#isOurs(journal, sequence)) return;
      if (sequence < this.#confirmed) return;
      if (sequence > this.#confirmed) {
        this.#lastConfirmed = this.#options.clock.monotonic();
        this.#pause = FIRST_PAUSE_MS;
      }
      this.#confirmed = sequence;
      this.#stored = Math.max(this.#stored, sequence);
      // It may be an acknowledgement of what an earlier connection brought. A replay that goes on is not cut short.
      if (this.#sent >= this.#repeatedTo) this.#sent = Math.max(this.#sent, sequence);
      this.#pumpSoon();
    });
  }

  /** The collector wants everything from this event on again. What is not kept any more cannot come. */
  replay(journal: string, from: number): void {
    this.#guarded(() => {
      if (!this.#isOurs(journal, from - 1) || from > this.#sent) return;
      this.#repeatFrom(from);
      this.#pump();
    });
  }

  /** Whatever fails here (a disk, say) ends this connection. */
  #guarded(step: () => void): void {
    if (this.#stop.signal.aborted) return;
    try {
      step();
    } catch (error) {
      this.#options.giveUp(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #isOurs(journal: string, sequence: number): boolean {
    const { last } = this.#options.outbox;
    if (journal !== this.#journal)
      this.#tell(
        'events.other-journal',
        `the collector speaks of journal ${journal.slice(0, 40)}, this terminal's is ${this.#journal}; it was ignored`,
      );
    else if (sequence > last)
      this.#tell(
        'events.never-sent',
        `the collector speaks of event ${sequence}, the newest is ${last}; it was ignored. Look whether another terminal has this one's name, or the outbox was put back from a copy`,
      );
    else return true;
    return false;
  }

  /** Once a connection: who sends nonsense may send much of it. */
  #tell(code: 'events.other-journal' | 'events.never-sent', message: string): void {
    if (this.#told.has(code)) return;
    this.#told.add(code);
    this.#options.onTrouble(new EventsError(code, message));
  }

  #repeatFrom(sequence: number): void {
    const { outbox, clock } = this.#options;
    this.#repeatedTo = Math.max(this.#repeatedTo, this.#sent);
    this.#sent = this.#confirmed = Math.max(sequence, outbox.first) - 1;
    this.#lastConfirmed = clock.monotonic();
  }

  #pumpSoon(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      this.#guarded(() => {
        this.#show();
        this.#settle();
        this.#pump();
      });
    });
  }

  #pump(): void {
    const { outbox, clock, carrier, acknowledgedBy } = this.#options;
    let room = this.#window - this.#flights.length;
    if (acknowledgedBy === 'collector') room = Math.min(room, COLLECTOR_WINDOW - (this.#sent - this.#confirmed));
    if (room <= 0) return;
    for (const event of outbox.read(this.#sent, room)) {
      const flight: Flight = { sequence: event.sequence, taken: false };
      if (this.#flights.length === 0) this.#lastTaken = clock.monotonic();
      if (this.#sent <= this.#confirmed) this.#lastConfirmed = clock.monotonic();
      const late = event.sequence <= this.#repeatedTo || clock.now() - timeOf(event.body) > LATE_MS;
      this.#sent = event.sequence;
      this.#flights.push(flight);
      this.#published++;
      carrier.send(event, late, (error) => {
        if (error !== undefined) {
          this.#guarded(() => {
            throw error;
          });
          return;
        }
        flight.taken = true;
        this.#pumpSoon();
      });
    }
  }

  /** One look, and one write to disk, for everything that was acknowledged together. */
  #settle(): void {
    const { clock, acknowledgedBy } = this.#options;
    this.#moveCursor(this.#stored);
    const stillUp = this.#flights.findIndex(({ taken }) => !taken);
    const done = this.#flights.splice(0, stillUp === -1 ? this.#flights.length : stillUp).at(-1);
    if (done === undefined) return;
    this.#lastTaken = clock.monotonic();
    // Never past an event that is still on its way, but past a gap that a full outbox left.
    if (acknowledgedBy === 'broker') this.#moveCursor(done.sequence);
  }

  #moveCursor(sequence: number): void {
    const { outbox } = this.#options;
    const moved = sequence - outbox.acknowledged;
    if (moved <= 0) return;
    outbox.acknowledge(sequence);
    this.#acknowledged += moved;
  }

  #show(): void {
    const { outbox, carrier } = this.#options;
    const fresh = outbox.read(this.#shown, SHOWN_AT_ONCE);
    for (const event of fresh) {
      this.#shown = event.sequence;
      carrier.show(event);
    }
    if (fresh.length === SHOWN_AT_ONCE) this.#pumpSoon();
  }

  async #look(): Promise<void> {
    const { clock, giveUp } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const now = clock.monotonic();
      if (this.#flights.length > 0 && now - this.#lastTaken > BROKER_PATIENCE_MS) {
        giveUp(
          new EventsError('events.broker-silent', `the broker took no event for ${BROKER_PATIENCE_MS / 1_000} seconds`),
        );
        return;
      }
      this.#guarded(() => {
        this.#settle();
        this.#remind(now);
      });
      this.#pumpSoon();
      await clock.sleep(LOOK_MS, signal).catch(() => undefined);
    }
  }

  /** A broker may lose what it took, and a collector may die before it stored what came. */
  #remind(now: number): void {
    const { outbox, acknowledgedBy } = this.#options;
    if (acknowledgedBy !== 'collector' || this.#sent <= this.#confirmed) return;
    if (now - this.#lastConfirmed <= this.#pause) return;
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE_MS);
    this.#repeatFrom(outbox.acknowledged + 1);
  }
}
