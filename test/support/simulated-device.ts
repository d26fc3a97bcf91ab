import { connect, type MqttClient } from 'mqtt';
import { terminalEvent } from './fleet-event.ts';

/** The most events on their way beyond the collector's cursor, as a terminal has it. */
const WINDOW = 1_000;

/** The device's side of the durable feed, in memory: it resends from the collector's cursor and obeys replays. */
export class SimulatedDevice {
  readonly journal: string;
  readonly #name: string;
  readonly #client: MqttClient;
  /** Events up to this one were let go and cannot be sent again. */
  #gone = 0;
  #bodies: string[] = [];
  #acknowledged = 0;
  #sent = 0;
  #stalled: NodeJS.Timeout;

  private constructor(client: MqttClient, name: string, journal: string, resendMs: number) {
    this.#client = client;
    this.#name = name;
    this.journal = journal;
    client.on('error', () => undefined);
    client.on('connect', () => {
      client.subscribe(`whorl/${name}/cmd/#`, { qos: 1 }, () => {
        this.#sendAgain(this.#acknowledged);
      });
    });
    client.on('message', (topic, payload) => {
      this.#obey(topic, JSON.parse(payload.toString()) as Command);
    });
    this.#stalled = setInterval(() => {
      if (this.#acknowledged < this.last) this.#sendAgain(this.#acknowledged);
    }, resendMs);
  }

  static open(
    context: { after(end: () => Promise<void>): void },
    url: string,
    name: string,
    { journal = '00000000000000aa', resendMs = 2_000 } = {},
  ): SimulatedDevice {
    const client = connect(url, { protocolVersion: 5, clientId: name, reconnectPeriod: 100, queueQoSZero: false });
    const device = new SimulatedDevice(client, name, journal, resendMs);
    context.after(() => device.close());
    return device;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  get last(): number {
    return this.#gone + this.#bodies.length;
  }

  /** Events happen. */
  append(count: number): void {
    for (let i = 0; i < count; i++) this.#bodies.push(this.#event(this.last + 1));
    this.#pump();
  }

  /** Events happened that are taken for sent, but are not acknowledged. */
  skip(count: number): void {
    for (let i = 0; i < count; i++) this.#bodies.push(this.#event(this.last + 1));
    this.#sent = this.last;
  }

  /** Sends nothing of this kind itself: a message of the test's own making, as this device. */
  async publish(payload: string | Buffer, topic = `whorl/${this.#name}/event`): Promise<void> {
    await this.#client.publishAsync(topic, payload, { qos: 1 });
  }

  /** Takes these for sent and acknowledged by somebody else, and keeps none of them. */
  forget(upTo: number): void {
    this.#bodies = this.#bodies.slice(upTo - this.#gone);
    this.#gone = upTo;
    this.#acknowledged = this.#sent = Math.max(this.#acknowledged, upTo);
  }

  async close(): Promise<void> {
    clearInterval(this.#stalled);
    await this.#client.endAsync(true);
  }

  #event(sequence: number): string {
    return JSON.stringify(terminalEvent(this.#name, this.journal, sequence));
  }

  #obey(topic: string, { journal, sequence, from }: Command): void {
    if (journal !== this.journal) return;
    if (topic.endsWith('/cmd/ack') && sequence !== undefined && sequence <= this.last) {
      this.#acknowledged = Math.max(this.#acknowledged, sequence);
      this.#sent = Math.max(this.#sent, this.#acknowledged);
      this.#stalled.refresh();
      this.#pump();
    }
    if (topic.endsWith('/cmd/replay') && from !== undefined) this.#sendAgain(from - 1);
  }

  #sendAgain(after: number): void {
    this.#sent = Math.max(after, this.#gone);
    this.#pump();
  }

  #pump(): void {
    if (!this.#client.connected) return;
    const end = Math.min(this.last, this.#acknowledged + WINDOW);
    for (; this.#sent < end; this.#sent++) {
      const body = this.#bodies[this.#sent - this.#gone];
      this.#client.publish(`whorl/${this.#name}/event`, body, { qos: 1 }, () => undefined);
    }
  }
}

interface Command {
  readonly journal: string;
  readonly sequence?: number;
  readonly from?: number;
}
