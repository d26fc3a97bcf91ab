import { connectAsync, type MqttClient } from 'mqtt';
import type { TerminalEvent } from '../../device/events/event.ts';

/** An operators' side of its own: a broker's client that notes every message, as it came. */
export class Collector {
  readonly events: TerminalEvent[] = [];
  readonly states: { state: string; session: string; retained: boolean }[] = [];
  readonly answers: unknown[] = [];
  readonly #client: MqttClient;

  private constructor(client: MqttClient) {
    this.#client = client;
    client.on('message', (topic, payload, packet) => {
      // Its own.
      if (topic.includes('/cmd/')) return;
      const message: unknown = JSON.parse(payload.toString());
      if (topic.endsWith('/event')) this.events.push(message as TerminalEvent);
      else if (topic.endsWith('/answer')) this.answers.push(message);
      else if (topic.endsWith('/state'))
        this.states.push({ ...(message as { state: string; session: string }), retained: packet.retain });
    });
  }

  /** Keeps its session over broken connections, as a collector must. */
  static async open(url: string, clientId = 'collector'): Promise<Collector> {
    const client = await connectAsync(url, { clientId, clean: false, reconnectPeriod: 50 });
    client.on('error', () => undefined);
    const collector = new Collector(client);
    await client.subscribeAsync('whorl/#', { qos: 1 });
    return collector;
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
