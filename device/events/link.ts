import { randomBytes } from 'node:crypto';
import { connect, type IPublishPacket, type MqttClient } from 'mqtt';
import type { Clock } from '../clock.ts';
import { EventsError } from './errors.ts';
import type { Outbox } from './outbox.ts';
import { topicsOf, type Topics } from './topics.ts';

/** Events on their way at a time: as many as mosquitto takes from a client by default (`max_inflight_messages`). */
const WINDOW = 20;

/** Reconnecting waits a random time below this, doubled at each failure up to the longest. */
const FIRST_BACK_OFF_MS = 200;
const LONGEST_BACK_OFF_MS = 60_000;

/** A broker that takes an event but does not acknowledge it for so long is left and tried again. */
const ACKNOWLEDGE_MS = 30_000;

/** How soon a silent connection is noticed. */
const KEEP_ALIVE_S = 30;

/** How long connecting, and saying farewell, may take. */
const CONNECT_MS = 10_000;
const FAREWELL_MS = 2_000;

/** How often events that another process appended are looked for. */
const LOOK_MS = 1_000;

/** What the retained message on the state topic says. `lost` is the last will: only the broker says it. */
export interface LinkState {
  readonly state: 'ready' | 'disconnected' | 'lost';
  /** The same in a birth and its will: a will that does not match the newest birth is stale. */
  readonly session: string;
}

/** The broker was reached, or it was not and why. */
export type LinkChange = { readonly up: true } | { readonly up: false; readonly reason: string };

/** What somebody sent to this device. */
export interface InboundMessage {
  readonly topic: 'request';
  readonly payload: Buffer;
  /** It was kept by the broker: nobody knows since when, and whoever subscribes gets it again. */
  readonly retained: boolean;
  /** Where the sender waits for an answer, and what tells it which question was answered; MQTT 5 only. */
  readonly responseTopic?: string;
  readonly correlationData?: Buffer;
}

/** How a message that is no event is published. */
export interface PublishOptions {
  readonly qos: 0 | 1;
  readonly retain: boolean;
  /** Left out where the broker speaks MQTT 3.1.1 only. */
  readonly correlationData?: Buffer;
}

export interface LinkOptions {
  /** `mqtt://[user:password@]host[:port]`, or mqtts, ws, wss. */
  readonly url: string;
  readonly device: string;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly onChange?: (change: LinkChange) => void;
  /** Told of what comes in; called outside the touch, and must not throw. */
  readonly onMessage?: (message: InboundMessage) => void;
}

/**
 * Carries the outbox to an MQTT broker, in order, at least once, for as long as it takes.
 *
 * The outbox is the only store: mqtt.js gets one connection's worth of messages at a time and keeps nothing across
 * connections. After a connection breaks, everything unacknowledged is sent again with the same id and bytes.
 */
export class EventLink {
  readonly #options: LinkOptions;
  readonly #topics: Topics;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  /** Of the connection that is up. */
  #client: MqttClient | undefined;
  #published = 0;
  #acknowledged = 0;

  /** @throws EventsError `events.broker-url` */
  constructor(options: LinkOptions) {
    checkBrokerUrl(options.url);
    this.#options = options;
    this.#topics = topicsOf(options.device);
    this.#running = this.#run(this.#stop.signal);
  }

  /** Messages handed to a broker, repetitions included, and events that brokers acknowledged, since the start. */
  get counts(): { readonly published: number; readonly acknowledged: number } {
    return { published: this.#published, acknowledged: this.#acknowledged };
  }

  /**
   * Publishes what is worth nothing later, so it is kept nowhere. Resolves when the broker has it (QoS 1).
   *
   * @throws EventsError `events.not-connected`, also when the connection breaks meanwhile
   */
  async publish(topic: string, payload: string | Buffer, options: PublishOptions): Promise<void> {
    const client = this.#client;
    if (client === undefined) throw notConnected(topic);
    const { qos, retain, correlationData } = options;
    const properties = client.options.protocolVersion === 5 && correlationData ? { correlationData } : undefined;
    await new Promise<void>((resolve, reject) => {
      const broken = (): void => {
        reject(notConnected(topic));
      };
      client.once('close', broken);
      client.publish(topic, payload, { qos, retain, ...(properties && { properties }) }, (cause) => {
        client.off('close', broken);
        if (cause) reject(notConnected(topic, cause));
        else resolve();
      });
    });
  }

  /** Resolves when nothing waits any more; rejects with the signal's reason when aborted. */
  async drained(signal: AbortSignal): Promise<void> {
    const { outbox, clock } = this.#options;
    while (outbox.waiting > 0) await clock.sleep(10, signal);
  }

  /** Says farewell if connected. What still waits stays in the outbox. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, onChange } = this.#options;
    let failures = 0;
    for (;;) {
      const { wasUp, reason } = await this.#session(signal);
      if (signal.aborted) return;
      if (wasUp || failures === 0) onChange?.({ up: false, reason });
      failures = wasUp ? 1 : failures + 1;
      const ceiling = Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** (failures - 1));
      // Full jitter: a fleet whose broker restarts must not return in step.
      await clock.sleep(Math.random() * ceiling, signal).catch(() => undefined);
    }
  }

  /** One connection from its beginning to its end. */
  async #session(signal: AbortSignal): Promise<{ wasUp: boolean; reason: string }> {
    const session = randomBytes(4).toString('hex');
    const state = (name: LinkState['state']): string => JSON.stringify({ state: name, session } satisfies LinkState);
    const client = connect(this.#options.url, {
      clientId: `whorl-${this.#options.device}`,
      clean: true,
      // Our own back-off has jitter and a ceiling; mqtt.js's has neither.
      reconnectPeriod: 0,
      keepalive: KEEP_ALIVE_S,
      connectTimeout: CONNECT_MS,
      queueQoSZero: false,
      will: { topic: this.#topics.state, payload: Buffer.from(state('lost')), qos: 1, retain: true },
    });
    let reason = 'the connection was closed';
    const giveUp = (error: Error): void => {
      reason = error.message === '' ? 'nobody answers' : error.message;
      client.end(true);
    };
    client.on('error', giveUp);
    const closed = new Promise<void>((resolve) => client.once('close', resolve));
    const deliver = this.#delivery(client, giveUp);
    let wasUp = false;
    client.once('connect', () => {
      wasUp = true;
      this.#client = client;
      this.#options.onChange?.({ up: true });
      client.subscribe([this.#topics.state, this.#topics.request], { qos: 1 });
      client.publish(this.#topics.state, state('ready'), { qos: 1, retain: true });
      deliver.start();
    });
    client.on('message', (topic, payload, packet) => {
      if (topic === this.#topics.request) this.#options.onMessage?.(inbound('request', payload, packet));
      // The will of a broken connection may come after the birth of the next one and would then stay, retained.
      else if (!signal.aborted && !payload.toString().includes(session))
        client.publish(this.#topics.state, state('ready'), { qos: 1, retain: true });
    });

    const farewell = (): void => {
      deliver.stop();
      void leave(client, this.#topics.state, state('disconnected'));
    };
    signal.addEventListener('abort', farewell, { once: true });
    if (signal.aborted) farewell();
    await closed;
    this.#client = undefined;
    signal.removeEventListener('abort', farewell);
    deliver.stop();
    client.end(true);
    return { wasUp, reason };
  }

  /** Keeps up to `WINDOW` events on their way over one connection and moves the outbox's cursor as they arrive. */
  #delivery(client: MqttClient, giveUp: (error: Error) => void): { start: () => void; stop: () => void } {
    const { outbox } = this.#options;
    const onTheirWay: number[] = [];
    const arrived = new Set<number>();
    let sent = 0;
    let live = false;
    const stall = setTimeout(() => {
      if (onTheirWay.length > 0) giveUp(new Error(`no acknowledgement in ${ACKNOWLEDGE_MS / 1000} s`));
    }, ACKNOWLEDGE_MS);

    /** Whatever fails here (a disk, say) ends this connection; the next one begins at the outbox's cursor again. */
    const guarded = (step: () => void) => (): void => {
      if (!live) return;
      try {
        step();
      } catch (error) {
        giveUp(error instanceof Error ? error : new Error(String(error)));
      }
    };
    const pump = guarded(() => {
      for (const { sequence, body } of outbox.read(sent, WINDOW - onTheirWay.length)) {
        if (onTheirWay.length === 0) stall.refresh();
        sent = sequence;
        onTheirWay.push(sequence);
        this.#published++;
        client.publish(this.#topics.event, body, { qos: 1 }, (error) => {
          if (error) return;
          arrived.add(sequence);
          setImmediate(settle);
        });
      }
    });
    // One write to disk for all the acknowledgements that came in together. The cursor never passes an event that is
    // still on its way, but it does pass a gap that a full outbox left.
    const settle = guarded(() => {
      let done = 0;
      while (done < onTheirWay.length && arrived.delete(onTheirWay[done])) done++;
      if (done === 0) return;
      outbox.acknowledge(onTheirWay[done - 1]);
      onTheirWay.splice(0, done);
      this.#acknowledged += done;
      stall.refresh();
      pump();
    });
    const begin = guarded(() => {
      outbox.reportLoss();
      sent = outbox.acknowledged;
      pump();
    });
    // Later, not within the append: the door comes first.
    const unsubscribe = outbox.onAppend(() => setImmediate(pump));
    const look = setInterval(pump, LOOK_MS);
    return {
      start() {
        live = true;
        begin();
      },
      stop() {
        live = false;
        clearTimeout(stall);
        clearInterval(look);
        unsubscribe();
      },
    };
  }
}

function inbound(topic: InboundMessage['topic'], payload: Buffer, packet: IPublishPacket): InboundMessage {
  const { responseTopic, correlationData } = packet.properties ?? {};
  return {
    topic,
    payload,
    retained: packet.retain,
    ...(responseTopic !== undefined && { responseTopic }),
    ...(correlationData !== undefined && { correlationData }),
  };
}

function notConnected(topic: string, cause?: Error): EventsError {
  return new EventsError('events.not-connected', `there is no connection to the broker to publish on ${topic}`, {
    cause,
  });
}

async function leave(client: MqttClient, topic: string, farewell: string): Promise<void> {
  const impatience = setTimeout(() => client.end(true), FAREWELL_MS);
  try {
    if (client.connected) await client.publishAsync(topic, farewell, { qos: 1, retain: true });
    await client.endAsync(!client.connected);
  } catch {
    // The connection broke meanwhile: the broker tells everybody by the last will.
    client.end(true);
  } finally {
    clearTimeout(impatience);
  }
}

/** @throws EventsError `events.broker-url` */
export function checkBrokerUrl(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^(mqtts?|wss?):$/.test(parsed.protocol) || parsed.hostname === '')
    throw new EventsError('events.broker-url', 'the broker is given as mqtt://host:port (or mqtts, ws, wss)');
}

/** The broker's address as it may be shown: without user and password. */
export function publicBrokerUrl(url: string): string {
  const parsed = new URL(url);
  parsed.username = '';
  parsed.password = '';
  return parsed.href;
}
