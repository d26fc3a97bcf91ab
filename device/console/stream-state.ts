import type { FastifyReply } from 'fastify';
import type { Clock } from '../clock.ts';
import { ConsoleError } from './errors.ts';
import type { TechnicianDesk } from './technician-desk.ts';

/** How often a silent stream shows that it lives, and looks whether its session does, ms. */
const BEAT_MS = 5_000;
/** Tabs of one browser. */
const MOST_STREAMS = 4;
/** A page that does not read is left before it costs memory, bytes. */
const MOST_WAITING = 1_000_000;

export interface StateStream {
  readonly desk: TechnicianDesk;
  readonly clock: Clock;
  /** How many streams each session has. */
  readonly listening: Map<string, number>;
  readonly reply: FastifyReply;
  readonly session: string;
  readonly alive: () => boolean;
}

/**
 * Tells a page what the desk shows, as server-sent events: at once, and at every change, until the page or its session
 * ends.
 *
 * @throws ConsoleError `console.too-many-streams`
 */
export function streamState({ desk, clock, listening, reply, session, alive }: StateStream): void {
  const streams = listening.get(session) ?? 0;
  if (streams >= MOST_STREAMS) throw new ConsoleError('console.too-many-streams', 'close another tab of this page');
  listening.set(session, streams + 1);
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), 'content-type': 'text/event-stream' });
  const over = new AbortController();
  let waiting = false;
  /** Changes that come together are told together. */
  const tell = (): void => {
    if (waiting) return;
    waiting = true;
    setImmediate(() => {
      waiting = false;
      if (raw.writableLength > MOST_WAITING) raw.destroy();
      else if (!raw.destroyed) raw.write(`data: ${JSON.stringify(desk.state)}\n\n`);
    });
  };
  const deaf = desk.onChange(tell);
  raw.once('close', () => {
    deaf();
    over.abort();
    const left = (listening.get(session) ?? 1) - 1;
    if (left > 0) listening.set(session, left);
    else listening.delete(session);
  });
  tell();
  void beat(clock, over.signal, () => {
    if (alive()) raw.write(': alive\n\n');
    else raw.end('event: over\ndata: {}\n\n');
  });
}

async function beat(clock: Clock, signal: AbortSignal, act: () => void): Promise<void> {
  try {
    for (;;) {
      await clock.sleep(BEAT_MS, signal);
      act();
    }
  } catch {
    // The page is gone.
  }
}
