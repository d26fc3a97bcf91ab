import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import type { Report } from '../events/event.ts';
import { Outbox, OUTBOX_FILE } from '../events/outbox.ts';

/** Puts events into the terminal's outbox; a terminal that runs on the same state sends them within a second. */
export function reportEvents({ state, device, events }: Config, reports: readonly Report[]): void {
  const outbox = new Outbox({ path: join(state, OUTBOX_FILE), device, capacity: events.capacity, clock: systemClock });
  try {
    for (const report of reports) outbox.append(report);
  } finally {
    outbox.close();
  }
}
