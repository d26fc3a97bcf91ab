import { connect, type Socket } from 'node:net';
import { generate, parser, type Packet } from 'mqtt-packet';
import { terminalEvent } from '../fleet-event.ts';

/** Events on their way at a time: as many as mosquitto takes from a client by default. */
const WINDOW = 20;

const KEEP_ALIVE_S = 600;
const RECONNECT_MS = 1_000;

/**
 * A terminal's side of the durable feed on one bare socket, as light as ten thousand in two processes must be: numbers
 * its events, keeps them until the collector's cursor passes them, and sends again from there when nothing moves.
 */
export class LoadDevice {
  /** Events that happened. */
  last = 0;
  acknowledged = 0;
  connected = false;
  readonly #name: string;
  readonly #port: number;
  readonly #journal: string;
  readonly #onStored: (milliseconds: number) => void;
  /** When each event that is not acknowledged happened; the first is that behind the cursor. */
  #times: number[] = [];
  #sent = 0;
  #moved = 0;
  #socket: Socket | undefined;
  #closed = false;

  /** @param onStored told how long after it happened each event's cursor came */
  constructor(port: number, name: string, journal: string, onStored: (milliseconds: number) => void) {
    this.#port = port;
    this.#name = name;
    this.#journal = journal;
    this.#onStored = onStored;
    this.#connect();
  }

  happen(): void {
    this.#times.push(Date.now());
    this.last++;
    this.#pump();
  }

  /** To be called now and then: sends again from the cursor when it has not moved for so long. */
  look(now: number, stalledMs: number): void {
    if (this.acknowledged === this.last || now - this.#moved < stalledMs) return;
    this.#moved = now;
    this.#sent = this.acknowledged;
    this.#pump();
  }

  close(): void {
    this.#closed = true;
    this.#socket?.destroy();
  }

  #connect(): void {
    const socket = connect(this.#port, '127.0.0.1');
    const reader = parser({ protocolVersion: 5 });
    reader.on('packet', (packet: Packet) => {
      this.#take(packet);
    });
    reader.on('error', () => socket.destroy());
    socket.setNoDelay(true);
    socket.on('connect', () => {
      const first = { protocolId: 'MQTT', protocolVersion: 5, clean: true, keepalive: KEEP_ALIVE_S } as const;
      this.#write({ cmd: 'connect', clientId: this.#name, ...first });
    });
    socket.on('data', (bytes) => reader.parse(bytes));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.connected = false;
      if (!this.#closed)
        setTimeout(
          () => {
            if (!this.#closed) this.#connect();
          },
          RECONNECT_MS * (0.5 + Math.random()),
        );
    });
    this.#socket = socket;
  }

  #take(packet: Packet): void {
    if (packet.cmd === 'connack') {
      const topic = `whorl/${this.#name}/cmd/ack`;
      this.#write({ cmd: 'subscribe', messageId: 65_535, subscriptions: [{ topic, qos: 1 }] });
    } else if (packet.cmd === 'suback') {
      this.connected = true;
      this.#sent = this.acknowledged;
      this.#moved = Date.now();
      this.#pump();
    } else if (packet.cmd === 'publish') {
      this.#write({ cmd: 'puback', messageId: packet.messageId ?? 0 });
      const { journal, sequence } = JSON.parse(packet.payload.toString()) as { journal: string; sequence: number };
      if (journal === this.#journal) this.#advance(sequence);
    }
  }

  #advance(sequence: number): void {
    if (sequence <= this.acknowledged || sequence > this.last) return;
    const now = Date.now();
    for (const time of this.#times.splice(0, sequence - this.acknowledged)) this.#onStored(now - time);
    this.acknowledged = sequence;
    this.#sent = Math.max(this.#sent, sequence);
    this.#moved = now;
    this.#pump();
  }

  #pump(): void {
    if (!this.connected) return;
    if (this.#sent === this.acknowledged) this.#moved = Date.now();
    for (; this.#sent < Math.min(this.last, this.acknowledged + WINDOW);) {
      const sequence = ++this.#sent;
      const event = terminalEvent(this.#name, this.#journal, sequence, {
        time: this.#times[sequence - this.acknowledged - 1],
      });
      const messageId = 1 + (sequence % 60_000);
      const topic = `whorl/${this.#name}/event`;
      const payload = JSON.stringify(event);
      this.#write({ cmd: 'publish', topic, payload, messageId, qos: 1, retain: false, dup: false });
    }
  }

  #write(packet: Packet): void {
    if (this.#socket?.writable === true) this.#socket.write(generate(packet, { protocolVersion: 5 }));
  }
}
