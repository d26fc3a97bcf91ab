import { z } from 'zod';
import { FINGER_POSITIONS } from './finger-position.ts';

/** The most groups of one person. */
const MOST_GROUPS = 16;

/** How a group, a schedule or a list of holidays may be called. */
export const ruleName = z
  .string()
  .regex(/^\p{L}[\p{L}\d ._-]{0,63}$/u, 'must be 1 to 64 letters, digits, spaces, - . or _, and begin with a letter');

/**
 * A local day, or minute, as the clock on the wall of the door shows it: `2026-12-24` or `2026-12-24T18:00`. Two of
 * them are compared as text.
 */
export const wallClock = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}(T([01]\d|2[0-3]):[0-5]\d)?$/, 'must be a day (2026-12-24) or a minute (2026-12-24T18:00)')
  .refine((text) => isDay(text.slice(0, 10)), 'is a day that the calendar does not have');

/** What a person may do, as far as it is said of the person and not of their groups. Nothing said is no restriction. */
export const passSchema = z.strictObject({
  /** Names of groups of the rules; those in none belong to the rules' `ungrouped` one. */
  groups: z.array(ruleName).max(MOST_GROUPS).exactOptional(),
  /** The first day, or minute, on which the person may pass. */
  validFrom: wallClock.exactOptional(),
  /** The last day on which the person may pass, or the minute from which on they may not. */
  validUntil: wallClock.exactOptional(),
  blocked: z.boolean().exactOptional(),
  /** Fingers that open the door as any other and raise a silent alarm. */
  duress: z.array(z.enum(FINGER_POSITIONS).exclude(['unknown'])).exactOptional(),
  /** Whether the door stays unlocked longer for this person. */
  extendedOpening: z.boolean().exactOptional(),
});

export type Pass = z.infer<typeof passSchema>;

/** Whether the calendar has this day, written `2026-12-24`. */
export function isDay(date: string): boolean {
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}
