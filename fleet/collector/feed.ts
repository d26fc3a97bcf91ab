import type { Message } from './arrival.ts';
import type { JournalKey } from './event-store.ts';

/** A message of the durable feed on its way into the store. */
export interface Delivery extends Message {
  /** Tells the broker, where it waits for that, that the message is stored and need not come again. */
  readonly settle?: () => void;
}

/** Where events come from and cursors go to. What is told to a device may be lost on the way: it is told again. */
export interface Feed {
  /** Everything up to and with `sequence` is stored for good. */
  acknowledge(key: JournalKey, sequence: number): void;
  /** Everything from `from` on is wanted again. */
  askReplay(key: JournalKey, from: number): void;
  close(): Promise<void>;
}

/** Takes a delivery; resolves when there is room for the next one. */
export type Intake = (delivery: Delivery) => Promise<void>;

export type OpenFeed = (intake: Intake) => Promise<Feed>;
