import { randomBytes } from 'node:crypto';
import { connect, ReasonCodes, type IPublishPacket, type MqttClient } from 'mqtt';
import type { Clock } from '../clock.ts';
import type { TlsMaterial } from './broker-tls.ts';
import { acknowledgementSchema, readOrder, replaySchema } from './collector-orders.ts';
import { explainFailure, isOtherProtocol } from './connection-failure.ts';
import { Delivery, type AcknowledgedBy, type Carrier } from './delivery.ts';
import { EventsError } from './errors.ts';
import type { Outbox } from './outbox.ts';
import { topicsOf, type Topics } from './topics.ts';

/** Reconnecting waits a random time below this, doubled at each failure up to the longest. */
const FIRST_BACK_OFF_MS = 200;
const LONGEST_BACK_OFF_MS = 60_000;

/** How soon a silent connection is noticed. */
const KEEP_ALIVE_S = 30;

/** How long connecting, and saying farewell, may take. */
const CONNECT_MS = 10_000;
const FAREWELL_MS = 2_000;

/** A message that is neither event nor retained is for whoever waits for it now. */
const SHORT_LIVED_S = 300;
const LIVE_S = 60;

/** No message to a device comes near it, in bytes. */
const LARGEST_MESSAGE = 256 * 1_024;

/** What the retained message on the state topic says. `lost` is the last will: only the broker says it. */
export interface LinkState {
  readonly state: 'ready' | 'disconnected' | 'lost';
  /** The same in a birth and its will: a will that does not match the newest birth is stale. */
  readonly session: string;
}

/** What the connection speaks: 5 where the broker does. */
export type Protocol = '5' | '3.1.1';

/** The broker was reached, or it was not and why; the code is an EventsError's. */
export type LinkChange =
  | { readonly up: true; readonly protocol: Protocol }
  | { readonly up: false; readonly code: string; readonly reason: string };

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
  /** Asked at every connection by TLS, so that a renewed certificate needs no restart. */
  readonly tls?: () => TlsMaterial;
  readonly device: string;
  readonly outbox: Outbox;
  readonly acknowledgedBy: AcknowledgedBy;
  readonly clock: Clock;
  readonly onChange?: (change: LinkChange) => void;
  /** Told of what comes in; called outside the touch, and must not throw. */
  readonly onMessage?: (message: InboundMessage) => void;
  /** Told of what is wrong with what comes in, or with what the broker lets this device do. */
  readonly onTrouble?: (error: EventsError) => void;
}

/**
 * Carries the outbox to an MQTT broker, in order, at least once, for as long as it takes.
 *
 * The outbox is the only store: mqtt.js gets one connection's worth of messages at a time and keeps nothing across
 * connections. After a connection breaks, everything unacknowledged is sent again with the same id and bytes.
 * It speaks MQTT 5, and 3.1.1 to a broker that refuses 5.
 */
export class EventLink {
  readonly #options: LinkOptions;
  readonly #topics: Topics;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  /** Of the connection that is up. */
  #client: MqttClient | undefined;
  #delivery: Delivery | undefined;
  /** What publishes beside the feed wait for, one after another. */
  #before: Promise<unknown> = Promise.resolve();
  #protocol: Protocol = '5';
  /** Of the connections before this one. */
  #counts: Delivery['counts'] = { published: 0, acknowledged: 0 };

  /** @throws EventsError `events.broker-url` */
  constructor(options: LinkOptions) {
    checkBrokerUrl(options.url);
    this.#options = options;
    this.#topics = topicsOf(options.device);
    this.#running = this.#run(this.#stop.signal);
  }

  /** Messages handed to a broker, repetitions included, and events that brokers acknowledged, since the start. */
  get counts(): Delivery['counts'] {
    const { published = 0, acknowledged = 0 } = this.#delivery?.counts ?? {};
    return {
      published: this.#counts.published + published,
      acknowledged: this.#counts.acknowledged + acknowledged,
    };
  }

  /** What the connection speaks; undefined while there is none. */
  get protocol(): Protocol | undefined {
    return this.#client === undefined ? undefined : this.#protocol;
  }

  /**
   * Publishes what is worth nothing later, so it is kept nowhere. Resolves when the broker has it (QoS 1).
   *
   * @throws EventsError `events.not-connected`, also when the connection breaks meanwhile
   */
  async publish(topic: string, payload: string | Buffer, options: PublishOptions): Promise<void> {
    // One at a time: brokers take only so many messages before the first is acknowledged, and the feed has its share.
    const turn = this.#before.then(() => this.#publishNow(topic, payload, options));
    this.#before = turn.catch(() => undefined);
    await turn;
  }

  async #publishNow(topic: string, payload: string | Buffer, options: PublishOptions): Promise<void> {
    const client = this.#client;
    if (client === undefined) throw notConnected(topic);
    const { qos, retain, correlationData } = options;
    const properties = {
      ...(correlationData !== undefined && { correlationData }),
      ...(!retain && { messageExpiryInterval: SHORT_LIVED_S }),
    };
    await new Promise<void>((resolve, reject) => {
      const broken = (): void => {
        reject(notConnected(topic));
      };
      client.once('close', broken);
      client.publish(topic, payload, { qos, retain, ...(this.#protocol === '5' && { properties }) }, (cause) => {
        client.off('close', broken);
        if (cause) reject(publishRefused(topic, cause));
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
    // It may be closed within any of these waits.
    while (!this.#stop.signal.aborted) {
      const { wasUp, error, otherProtocol } = await this.#session(signal);
      if (signal.aborted) return;
      if (otherProtocol && this.#protocol === '5') {
        this.#protocol = '3.1.1';
        continue;
      }
      // It may have been exchanged for one that speaks 5.
      if (!wasUp) this.#protocol = '5';
      if (wasUp || failures === 0) onChange?.({ up: false, code: error.code, reason: error.message });
      // A broker that lets us in and then refuses what we publish is no success.
      failures = wasUp && error.code !== 'events.publish-refused' ? 1 : failures + 1;
      const ceiling = Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** (failures - 1));
      // Full jitter: a fleet whose broker restarts must not return in step.
      await clock.sleep(Math.random() * ceiling, signal).catch(() => undefined);
    }
  }

  /** One connection from its beginning to its end. */
  async #session(signal: AbortSignal): Promise<SessionEnd> {
    const { url, tls, outbox, clock, acknowledgedBy, onChange, onMessage, onTrouble } = this.#options;
    const topics = this.#topics;
    const { hostname: host, protocol } = new URL(url);
    const isTls = protocol === 'mqtts:' || protocol === 'wss:';
    const session = randomBytes(4).toString('hex');
    const state = (name: LinkState['state']): string => JSON.stringify({ state: name, session } satisfies LinkState);
    let client: MqttClient;
    try {
      client = connect(url, {
        // mqtt.js makes a connection without TLS one with it where it is given a certificate.
        ...(isTls && tls?.()),
        protocolVersion: this.#protocol === '5' ? 5 : 4,
        clientId: `whorl-${this.#options.device}`,
        clean: true,
        // Our own back-off has jitter and a ceiling; mqtt.js's has neither.
        reconnectPeriod: 0,
        keepalive: KEEP_ALIVE_S,
        connectTimeout: CONNECT_MS,
        queueQoSZero: false,
        // Else it keeps every number up to 65,535 as a buffer of its own: 8 MB.
        writeCache: false,
        ...(this.#protocol === '5' && { properties: { maximumPacketSize: LARGEST_MESSAGE } }),
        will: { topic: topics.state, payload: Buffer.from(state('lost')), qos: 1, retain: true },
      });
    } catch (error) {
      return { wasUp: false, error: explainFailure(asError(error), host), otherProtocol: false };
    }
    let failure: Error | undefined;
    const giveUp = (error: Error): void => {
      failure ??= error;
      client.end(true);
    };
    client.on('error', giveUp);
    client.on('disconnect', ({ reasonCode }) => {
      failure ??= brokerLeft(reasonCode);
    });
    const seen = { reached: false, up: false };
    client.stream.once('connect', () => {
      seen.reached = true;
    });
    const closed = new Promise<void>((resolve) => client.once('close', resolve));
    const sayReady = (): void => {
      client.publish(topics.state, state('ready'), { qos: 1, retain: true });
    };
    client.once('connect', (connack) => {
      seen.up = true;
      this.#client = client;
      onChange?.({ up: true, protocol: this.#protocol });
      client.subscribe([topics.state, topics.ack, topics.replay, topics.request], { qos: 1 }, (error) => {
        if (error !== null && client.connected) onTrouble?.(subscribeRefused(error));
      });
      sayReady();
      try {
        this.#delivery = new Delivery({
          outbox,
          clock,
          acknowledgedBy,
          carrier: this.#carrier(client, connack.properties?.receiveMaximum),
          giveUp,
          onTrouble: (error) => onTrouble?.(error),
        });
      } catch (error) {
        giveUp(asError(error));
      }
    });
    client.on('message', (topic, payload, packet) => {
      if (signal.aborted) return;
      if (topic === topics.request) onMessage?.(inbound('request', payload, packet));
      // The will of a broken connection may come after the birth of the next one and would then stay, retained.
      else if (topic === topics.state) {
        if (!payload.toString().includes(session)) sayReady();
      } else this.#obey(topic, payload, packet.retain);
    });

    let left: () => void;
    const leaving = new Promise<void>((resolve) => {
      left = resolve;
    });
    const farewell = (): void => {
      this.#delivery?.stop();
      void leave(client, topics.state, state('disconnected')).finally(left);
    };
    signal.addEventListener('abort', farewell, { once: true });
    // A client that is ended before its TLS stands never says that it closed.
    await Promise.race([closed, leaving]);
    this.#client = undefined;
    signal.removeEventListener('abort', farewell);
    this.#delivery?.stop();
    this.#counts = this.counts;
    this.#delivery = undefined;
    client.end(true);
    return {
      wasUp: seen.up,
      error: explainFailure(failure ?? brokerLeft(undefined), host),
      // Some brokers refuse MQTT 5 by a code, some by an answer that no MQTT 5 client understands, and some by closing.
      otherProtocol: failure === undefined ? seen.reached && !seen.up : isOtherProtocol(failure),
    };
  }

  #carrier(client: MqttClient, receiveMaximum = Infinity): Carrier {
    const { event: feed, live } = this.#topics;
    const five = this.#protocol === '5';
    return {
      receiveMaximum,
      send(event, late, taken) {
        const properties = five && late ? { properties: { userProperties: { late: 'true' } } } : {};
        client.publish(feed, event.body, { qos: 1, ...properties }, (error) => {
          if (!error) taken();
          // A broken connection ends by itself.
          else if (client.connected) taken(publishRefused(feed, error));
        });
      },
      show(event) {
        client.publish(live, event.body, { qos: 0, ...(five && { properties: { messageExpiryInterval: LIVE_S } }) });
      },
    };
  }

  /** What the collector says. */
  #obey(topic: string, payload: Buffer, retained: boolean): void {
    try {
      if (topic === this.#topics.ack) {
        const { journal, sequence } = readOrder(acknowledgementSchema, topic, payload, retained);
        this.#delivery?.acknowledge(journal, sequence);
      } else if (topic === this.#topics.replay) {
        const { journal, from } = readOrder(replaySchema, topic, payload, retained);
        this.#delivery?.replay(journal, from);
      }
    } catch (error) {
      if (!(error instanceof EventsError)) throw error;
      this.#options.onTrouble?.(error);
    }
  }
}

interface SessionEnd {
  readonly wasUp: boolean;
  readonly error: EventsError;
  /** The broker was there and did not want to speak this protocol. */
  readonly otherProtocol: boolean;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function brokerLeft(reasonCode: number | undefined): EventsError {
  const why =
    reasonCode === undefined || reasonCode === 0
      ? ''
      : `: ${ReasonCodes[reasonCode as keyof typeof ReasonCodes]} (${reasonCode})`;
  return new EventsError('events.broker-left', `the broker closed the connection${why}`);
}

function publishRefused(topic: string, cause: Error): EventsError {
  return new EventsError(
    'events.publish-refused',
    `the broker does not take what is published on ${topic} (${cause.message}); look at its access list`,
    { cause },
  );
}

function subscribeRefused(cause: Error): EventsError {
  return new EventsError(
    'events.subscribe-refused',
    `the broker does not let this terminal hear commands and acknowledgements (${cause.message}); look at its access list`,
    { cause },
  );
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

function notConnected(topic: string): EventsError {
  return new EventsError('events.not-connected', `there is no connection to the broker to publish on ${topic}`);
}

async function leave(client: MqttClient, topic: string, farewell: string): Promise<void> {
  const say = async (): Promise<void> => {
    if (client.connected) await client.publishAsync(topic, farewell, { qos: 1, retain: true });
    await client.endAsync(!client.connected);
  };
  let impatience: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    impatience = setTimeout(resolve, FAREWELL_MS);
  });
  // Where the connection broke meanwhile, the broker tells everybody by the last will.
  await Promise.race([say().catch(() => undefined), patience]);
  clearTimeout(impatience);
  client.end(true);
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
