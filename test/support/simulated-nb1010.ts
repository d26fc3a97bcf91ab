import { SensorError } from '../../device/sensor/errors.ts';
import type { TransferOptions, UsbConnection } from '../../device/sensor/usb/usb-bus.ts';

export const WIDTH = 256;
export const HEIGHT = 180;
const PACKETS = 90;

export interface Nb1010Behaviour {
  /** Changes the packets of each picture, pictures counted from 0; a packet left out was lost. */
  readonly packets?: (sent: Uint8Array[], picture: number) => Uint8Array[];
  /** Changes the reply to a command, commands counted from 0. */
  readonly reply?: (sent: Uint8Array, command: number) => Uint8Array;
}

/** An NB-1010-U as the wire shows it; a test puts fingers on it and pulls its plug. */
export class SimulatedNb1010 implements UsbConnection {
  closed = false;
  readonly #behaviour: Nb1010Behaviour;
  readonly #gone = new AbortController();
  #finger: Uint8Array | undefined;
  #queue: Uint8Array[] = [];
  #commands = 0;
  #pictures = 0;

  constructor(behaviour: Nb1010Behaviour = {}) {
    this.#behaviour = behaviour;
  }

  /** @param skin of WIDTH × HEIGHT; undefined lifts the finger */
  press(skin: Uint8Array | undefined): void {
    this.#finger = skin;
  }

  unplug(): void {
    this.#gone.abort(new SensorError('sensor.disconnected', 'the simulated reader was unplugged'));
  }

  async write(_endpoint: number, data: Uint8Array, options: TransferOptions): Promise<void> {
    await this.#turn(options);
    const reply = new Uint8Array(16);
    reply.set([0x80, data[1] === 0x38 ? 0x37 : 0x20, data[2], 0, 0x10]);
    if (data[1] === 0x38) reply[12] = this.#finger === undefined ? 0x02 : 0xf7;
    const { reply: change = (sent: Uint8Array) => sent, packets = (sent: Uint8Array[]) => sent } = this.#behaviour;
    this.#queue.push(change(reply, this.#commands++));
    if (data[1] === 0x12) this.#queue.push(...packets(packetsOf(this.#finger ?? blank()), this.#pictures++));
  }

  async read(_endpoint: number, length: number, options: TransferOptions): Promise<Uint8Array> {
    await this.#turn(options);
    const packet = this.#queue.shift();
    if (packet === undefined) throw new SensorError('sensor.no-answer', 'the simulated reader keeps silent');
    // What a transfer does not take is taken by the next one.
    if (packet.length > length) this.#queue.unshift(packet.subarray(length));
    return packet.subarray(0, length);
  }

  controlIn(): Promise<Uint8Array> {
    throw new Error('the reader knows no control requests');
  }

  controlOut(): Promise<void> {
    throw new Error('the reader knows no control requests');
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  async #turn({ signal }: TransferOptions): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    this.#gone.signal.throwIfAborted();
  }
}

function blank(): Uint8Array {
  return new Uint8Array(WIDTH * HEIGHT).fill(0xe5);
}

function packetsOf(skin: Uint8Array): Uint8Array[] {
  return Array.from({ length: PACKETS }, (_, number) => {
    const packet = new Uint8Array(540);
    packet.set([0x80, 0x21, 0, 0, 0x1c, 0x02]);
    packet[12] = number < PACKETS - 1 ? 1 : 0;
    packet[16] = 2 * number + 1;
    packet[21] = 0x01;
    packet.set(skin.subarray(2 * number * WIDTH, 2 * (number + 1) * WIDTH), 25);
    return packet;
  });
}
