import type { DoorChange } from './door/door.ts';
import type { Report } from './events/event.ts';

/** A change at the door as an event. */
export function describeDoorChange(change: DoorChange): Report {
  const { kind, ...data } = change;
  // Kinds are named as their events, and carry what these carry.
  return { type: `whorl.door.${kind}`, data } as Report;
}
