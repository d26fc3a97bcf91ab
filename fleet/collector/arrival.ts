import { z } from 'zod';

/** Where devices publish their durable feed: `whorl/<device>/event`. */
const TOPIC = /^whorl\/([\w-]{1,64})\/event$/;

/** No event of a terminal comes near it; what is larger is not one. In bytes. */
const LARGEST = 64 * 1024;

/** Later than so long after its time an event is late, whether its device said so or not. In milliseconds. */
const LATE_MS = 60_000;

/** Text that every store can hold, in one line. */
const word = (longest: number): z.ZodString =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^\P{Cc}*$/u, 'has control characters');

const envelope = z.object({
  specversion: z.literal('1.0'),
  id: word(128),
  source: word(128),
  type: word(100).regex(/^whorl(\.[a-z][a-z-]*)+$/, 'is no type of ours'),
  subject: word(256).optional(),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  journal: word(64).regex(/^[0-9a-f]+$/, 'is not hexadecimal'),
  sequence: z.string().regex(/^\d{1,15}$/, 'is no decimal number'),
  data: z.record(z.string(), z.unknown()),
});

const loss = z.object({ from: z.int().positive(), to: z.int().positive() });

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** A message as a broker delivers it. */
export interface Message {
  readonly topic: string;
  readonly payload: Buffer;
  /** Whether its device said that it comes late. */
  readonly late: boolean;
}

/** An event that can be stored. */
export interface Arrival {
  readonly device: string;
  readonly journal: string;
  readonly sequence: number;
  readonly type: string;
  readonly subject?: string;
  /** When it happened, by the device's clock: milliseconds since 1970. */
  readonly time: number;
  /** When it came. */
  readonly stored: number;
  readonly late: boolean;
  /** The CloudEvent's JSON, byte for byte as the device wrote it. */
  readonly body: string;
  /** Sequence numbers of this journal that will never come, first and last, where the event says so. */
  readonly lost?: readonly [number, number];
}

/** A message that is no event; it is kept aside, so that nothing vanishes without a word. */
export interface Refusal {
  readonly topic: string;
  readonly payload: Buffer;
  readonly reason: string;
  readonly at: number;
}

export const isRefusal = (either: Arrival | Refusal): either is Refusal => 'reason' in either;

/** Reads a message of the durable feed. Whatever it is, it throws nothing. */
export function readMessage({ topic, payload, late }: Message, now: number): Arrival | Refusal {
  const refuse = (reason: string): Refusal => ({ topic, payload, reason, at: now });
  const device = TOPIC.exec(topic)?.[1];
  if (device === undefined) return refuse('the topic is not whorl/<device>/event');
  if (payload.length > LARGEST) return refuse(`larger than ${LARGEST} bytes`);
  let body: string;
  let json: unknown;
  try {
    body = utf8.decode(payload);
    json = JSON.parse(body);
  } catch {
    return refuse('no JSON in UTF-8');
  }
  const parsed = envelope.safeParse(json);
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues;
    return refuse(`no CloudEvent of a terminal: ${path.join('.')} ${message}`);
  }
  const { id, source, type, subject, time, journal, sequence: digits, data } = parsed.data;
  const sequence = Number(digits);
  if (source !== `/whorl/${device}`) return refuse(`its source is ${source}, which is not the topic's device`);
  if (sequence === 0 || id !== `${journal}-${sequence}`)
    return refuse('id, journal and sequence contradict each other');
  const happened = Date.parse(time);
  const arrival: Arrival = {
    device,
    journal,
    sequence,
    type,
    time: happened,
    stored: now,
    late: late || now - happened > LATE_MS,
    body,
    ...(subject === undefined ? {} : { subject }),
  };
  if (type !== 'whorl.events.lost') return arrival;
  const { data: gap } = loss.safeParse(data);
  if (gap === undefined || gap.from > gap.to || gap.to >= sequence)
    return refuse('it reports lost events that cannot have been');
  return { ...arrival, lost: [gap.from, gap.to] };
}
