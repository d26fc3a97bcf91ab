import { connectAsync, type IPublishPacket, type MqttClient } from 'mqtt';
import { readTlsFiles, type TlsFiles } from '../../device/events/broker-tls.ts';
import type { TerminalEvent } from '../../device/events/event.ts';
import { topicsOf } from '../../device/events/topics.ts';

const GATHER_MS = 10;

const EVERYTHING = ['event', 'live', 'state', 'health', 'answer'].map((topic) => `whorl/+/${topic}`);

export interface CollectorOptions {
  readonly clientId?: string;
  /** Whether it tells devices how far it has stored their events, as a collector does; else it only listens (default: it does). */
  readonly acknowledging?: boolean;
  /** By which the broker knows it. */
  readonly tls?: TlsFiles;
  readonly protocolVersion?: 4 | 5;
  /** What it listens to (default: everything that terminals tell). */
  readonly topics?: string[];
}

/** An operators' side of its own: a broker's client that notes every message, as it came. */
export class Collector {
  readonly events: TerminalEvent[] = [];
  readonly states: { state: string; session: string; retained: boolean }[] = [];
  readonly answers: unknown[] = [];
  readonly live: TerminalEvent[] = [];
  readonly health: Record<string, unknown>[] = [];
  /** Sequence numbers of the events that came marked as late. */
  readonly late: number[] = [];
  readonly #client: MqttClient;
  readonly #stored = new Set<string>();
  readonly #cursors = new Map<string, number>();
  readonly #gathering = new Set<string>();
  #acknowledging: boolean;

  private constructor(client: MqttClient, acknowledging: boolean) {
    this.#client = client;
    this.#acknowledging = acknowledging;
    client.on('message', (topic, payload, packet) => {
      // Those are its own.
      if (topic.includes('/cmd/')) return;
      const message: unknown = JSON.parse(payload.toString());
      if (topic.endsWith('/event')) this.#take(message as TerminalEvent, packet);
      else if (topic.endsWith('/live')) this.live.push(message as TerminalEvent);
      else if (topic.endsWith('/answer')) this.answers.push(message);
      else if (topic.endsWith('/health')) this.health.push(message as Record<string, unknown>);
      else if (topic.endsWith('/state'))
        this.states.push({ ...(message as { state: string; session: string }), retained: packet.retain });
    });
  }

  /** Keeps its session over broken connections, as a collector must. */
  static async open(url: string, options: CollectorOptions = {}): Promise<Collector> {
    const {
      clientId = 'collector',
      acknowledging = true,
      protocolVersion = 4,
      tls = {},
      topics = EVERYTHING,
    } = options;
    const session = { clientId, clean: false, reconnectPeriod: 50, protocolVersion };
    const expiry = protocolVersion === 5 ? { properties: { sessionExpiryInterval: 3_600 } } : {};
    const client = await connectAsync(url, { ...session, ...expiry, ...readTlsFiles(tls) });
    client.on('error', () => undefined);
    const collector = new Collector(client, acknowledging);
    await client.subscribeAsync(topics, { qos: 1 });
    return collector;
  }

  /** From now on devices hear how far it has come; it says so at once. */
  acknowledge(): void {
    this.#acknowledging = true;
    for (const key of this.#cursors.keys()) this.#sayHowFar(key);
  }

  #take(event: TerminalEvent, { properties }: IPublishPacket): void {
    this.events.push(event);
    if (properties?.userProperties?.late === 'true') this.late.push(Number(event.sequence));
    this.#stored.add(event.id);
    const key = `${event.source.slice('/whorl/'.length)} ${event.journal}`;
    let cursor = this.#cursors.get(key) ?? 0;
    while (this.#stored.has(`${event.journal}-${cursor + 1}`)) cursor++;
    this.#cursors.set(key, cursor);
    if (!this.#acknowledging || this.#gathering.has(key)) return;
    // One word for all that came together, as a collector that stores by batches says it.
    this.#gathering.add(key);
    setTimeout(() => {
      this.#gathering.delete(key);
      if (this.#client.connected) this.#sayHowFar(key);
    }, GATHER_MS);
  }

  #sayHowFar(key: string): void {
    const [device, journal] = key.split(' ');
    const order = { journal, sequence: this.#cursors.get(key) };
    this.#client.publish(topicsOf(device).ack, JSON.stringify(order), { qos: 1 });
  }

  /** The sequence numbers that came, each once, in order. */
  get sequences(): number[] {
    return [...new Set(this.events.map(({ sequence }) => Number(sequence)))].sort((a, b) => a - b);
  }

  async until(condition: (collector: this) => boolean, milliseconds = 10_000): Promise<void> {
    const deadline = Date.now() + milliseconds;
    while (!condition(this)) {
      if (Date.now() > deadline) throw new Error(`not within ${milliseconds} ms; ${this.events.length} events came`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async publish(topic: string, payload: string): Promise<void> {
    await this.#client.publishAsync(topic, payload, { qos: 1 });
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true);
  }
}
