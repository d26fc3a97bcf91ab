import { connect, type IClientOptions } from 'mqtt';
import type { Feed, Intake } from './feed.ts';

/** Events that the broker may have on their way to a collector at a time. */
const RECEIVE_MAXIMUM = 1_000;

/** How long the broker keeps what came while the collector was away, in seconds. Devices keep it for longer. */
const SESSION_S = 3_600;

const RECONNECT_MS = 1_000;

const EVENTS = 'whorl/+/event';

/** The broker was reached, or it was not and why. */
export type FeedChange = { readonly up: true } | { readonly up: false; readonly reason: string };

export interface MqttFeedOptions {
  /** `mqtt://[user:password@]host[:port]`, or mqtts, ws, wss. */
  readonly url: string;
  /** Names this collector to the broker; each needs its own. */
  readonly id: string;
  /** Collectors of the same group share the devices' events among them (MQTT 5); alone without one. */
  readonly group?: string;
  /** Certificates, where the broker asks for them. */
  readonly tls?: Pick<IClientOptions, 'ca' | 'cert' | 'key'>;
  readonly onChange?: (change: FeedChange) => void;
}

/**
 * The devices' topics on an MQTT 5 broker. Resolves once they are subscribed, however long the broker is away.
 *
 * The broker's own acknowledgement (PUBACK) says nothing here: what a collector took and lost when it was killed is
 * sent again by its device, which was not told a cursor. While there is no room, reading stops, and with it the broker.
 */
export async function openMqttFeed({ url, id, group, tls, onChange }: MqttFeedOptions, intake: Intake): Promise<Feed> {
  const client = connect(url, {
    ...tls,
    clientId: id,
    protocolVersion: 5,
    // A broker gives a share of the group's events to everyone with a session, also to who has left for good.
    clean: group !== undefined,
    properties: { receiveMaximum: RECEIVE_MAXIMUM, sessionExpiryInterval: group === undefined ? SESSION_S : 0 },
    reconnectPeriod: RECONNECT_MS,
    reconnectOnConnackError: true,
    resubscribe: false,
  });
  // Set before the connection is there: a broker that kept a session sends at once.
  client.handleMessage = ({ topic, payload, properties }, callback) => {
    const late = properties?.userProperties?.late === 'true';
    void intake({ topic, payload: Buffer.from(payload), late }).then(() => {
      callback();
    });
  };
  let reason = 'the connection broke';
  // A failure closes the connection, which is told, and it is made anew.
  client.on('error', (error) => {
    reason = error.message;
  });
  client.on('close', () => onChange?.({ up: false, reason }));
  await new Promise<void>((subscribed) => {
    client.on('connect', () => {
      client.subscribe(group === undefined ? EVENTS : `$share/${group}/${EVENTS}`, { qos: 1 }, (error) => {
        if (error) {
          reason = `the broker lets nobody subscribe ${EVENTS} here: ${error.message}`;
          client.reconnect();
          return;
        }
        onChange?.({ up: true });
        subscribed();
      });
    });
  });

  const command = (topic: string, message: unknown): void => {
    // Not kept for later: by then another cursor holds.
    if (client.connected) client.publish(topic, JSON.stringify(message), { qos: 1 }, () => undefined);
  };
  return {
    acknowledge({ device, journal }, sequence) {
      command(`whorl/${device}/cmd/ack`, { journal, sequence });
    },
    askReplay({ device, journal }, from) {
      command(`whorl/${device}/cmd/replay`, { journal, from });
    },
    async close() {
      // At once: what is on its way either way comes again.
      await client.endAsync(true);
    },
  };
}
