import { z } from 'zod';
import { EventsError } from './errors.ts';

/** Longer than any of them: what is longer is not read at all. In bytes. */
const LONGEST = 1_024;

const journal = z.string();

/** `cmd/ack`: everything up to and with this sequence number is stored for good. */
export const acknowledgementSchema = z.object({ journal, sequence: z.int().min(0) });

/** `cmd/replay`: send again from this sequence number on. */
export const replaySchema = z.object({ journal, from: z.int().min(1) });

/**
 * Reads what the collector sent.
 *
 * @throws EventsError `events.bad-order`
 */
export function readOrder<T>(schema: z.ZodType<T>, topic: string, payload: Buffer, retained: boolean): T {
  const refuse = (what: string, cause?: unknown): EventsError =>
    new EventsError('events.bad-order', `what came on ${topic} ${what}; it was ignored`, { cause });
  if (retained) throw refuse('had been retained by the broker, so nobody knows how old it is');
  if (payload.length > LONGEST) throw refuse(`is longer than ${LONGEST} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(payload.toString());
  } catch (cause) {
    throw refuse('is no JSON', cause);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues;
    throw refuse(`is not what belongs there (${path.join('.')}: ${message})`, parsed.error);
  }
  return parsed.data;
}
