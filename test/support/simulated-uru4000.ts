import { SensorError } from '../../device/sensor/errors.ts';
import { answerChallenge } from '../../device/sensor/uru4000/microsoft-answer.ts';
import { hidingByte, stepKey } from '../../device/sensor/uru4000/scramble.ts';
import type { TransferOptions, UsbConnection } from '../../device/sensor/usb/usb-bus.ts';

export const WIDTH = 384;
export const HEIGHT = 290;

/** Number of the key that a picture begins with. */
const FIRST_KEY = 5;

/** Time passes faster here: what has not come by then would never come, ms. */
const PATIENCE_MS = 300;

/** Lines of a picture and how they travel: `[flags, lines]`, as in the picture's header. */
export type Blocks = readonly (readonly [flags: number, lines: number])[];

/** Like the recorded ones: scrambled stretches, plain lines between them, one line left out. */
export const USUAL_BLOCKS: Blocks = [
  [0x02, 72],
  [0x00, 1],
  [0x02, 49],
  [0x01, 1],
  [0x02, 167],
];

export interface ReaderBehaviour {
  readonly authenticates?: boolean;
  readonly blocks?: Blocks;
  /** Sends pixels as they are, whatever its blocks say. */
  readonly plain?: boolean;
  /** The hardware status that it starts with. */
  readonly status?: number;
  /** How many times it does not announce that its scanner has power. */
  readonly forgottenSignals?: number;
  /** What it announces beside the truth, before every true announcement. */
  readonly noise?: readonly Uint8Array[];
  /** Changes what it sends of each picture, counted from 0; undefined for one that never comes. */
  readonly picture?: (sent: Uint8Array, number: number) => Uint8Array | undefined;
}

/** The chip of a U.are.U reader, as the wire shows it; a test puts fingers on it and pulls its plug. */
export class SimulatedUru4000 implements UsbConnection {
  /** What happened to its registers: `write 4e 10`, `read 07`. */
  readonly log: string[] = [];
  /** What each picture was scrambled with. */
  readonly seeds: number[] = [];
  closed = false;
  readonly #behaviour: ReaderBehaviour;
  #status: number;
  #forgotten: number;
  #mode = 0;
  #finger: Uint8Array | undefined;
  #taken = 0;
  #challenge: Uint8Array | undefined;
  #unlocked = false;
  #asked = 0;
  readonly #keys = new Map<number, number>();
  readonly #gone = new AbortController();
  readonly #announcements: Uint8Array[] = [];
  readonly #pictures: Uint8Array[] = [];
  #wake = new AbortController();

  constructor(behaviour: ReaderBehaviour = {}) {
    this.#behaviour = behaviour;
    this.#status = behaviour.status ?? 0x01;
    this.#forgotten = behaviour.forgottenSignals ?? 0;
  }

  /** @param skin of WIDTH × HEIGHT as the chip sees it (bright ridges); undefined lifts the finger */
  press(skin: Uint8Array | undefined): void {
    this.#finger = skin;
    if (skin !== undefined && this.#mode === 0x10) this.#announce(0x01, 0x01);
    if (skin === undefined && this.#mode === 0x12) this.#announce(0x02, 0x00);
  }

  /** An announcement of the test's choice. */
  announce(packet: Uint8Array): void {
    this.#announcements.push(packet);
    this.#changed();
  }

  unplug(): void {
    this.#gone.abort(new SensorError('sensor.disconnected', 'the simulated reader was unplugged'));
  }

  async controlIn(_request: number, value: number, length: number, options: TransferOptions): Promise<Uint8Array> {
    await this.#turn(options);
    this.log.push(`read ${value.toString(16)}`);
    switch (value) {
      case 0x07:
        return Uint8Array.of(this.#status);
      case 0x34:
        return this.#exchangedKey();
      case 0xf0:
        return new Uint8Array(length).fill(0x1a);
      case 0x2010:
        this.#challenge = Uint8Array.from({ length }, (_, at) => 7 * at + this.log.length);
        return this.#challenge;
      default:
        throw new SensorError('sensor.disconnected', `the simulated reader stalls at register ${value}`);
    }
  }

  async controlOut(_request: number, value: number, data: Uint8Array, options: TransferOptions): Promise<void> {
    await this.#turn(options);
    this.log.push(`write ${value.toString(16)} ${Buffer.from(data).toString('hex')}`);
    if (value === 0x07) this.#setStatus(data[0]);
    if (value === 0x33) {
      const seed = Buffer.from(data).readUInt32LE(1);
      this.seeds.push(seed);
      this.#keys.set(data[0], seed);
      this.#asked = data[0];
    }
    if (value === 0x2000)
      this.#unlocked = this.#challenge !== undefined && Buffer.compare(data, answerChallenge(this.#challenge)) === 0;
    if (value === 0x4e) this.#setMode(data[0]);
  }

  async read(endpoint: number, length: number, options: TransferOptions): Promise<Uint8Array> {
    const queue = endpoint === 0x81 ? this.#announcements : this.#pictures;
    const late = new AbortController();
    const timer =
      options.timeoutMs !== undefined &&
      setTimeout(
        () => {
          late.abort();
        },
        Math.min(PATIENCE_MS, options.timeoutMs),
      );
    try {
      for (;;) {
        await this.#turn(options);
        if (late.signal.aborted) throw new SensorError('sensor.no-answer', 'the simulated reader keeps silent');
        const packet = queue.shift();
        if (packet !== undefined) return packet.slice(0, length);
        await aborted(AbortSignal.any([this.#wake.signal, this.#gone.signal, options.signal, late.signal]));
      }
    } finally {
      if (timer !== false) clearTimeout(timer);
    }
  }

  write(): Promise<void> {
    throw new Error('the reader has no endpoint to write to');
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  #setStatus(status: number): void {
    const wakes = (status & 0x80) === 0;
    if (wakes && this.#behaviour.authenticates === true && !this.#unlocked) {
      this.#status = status | 0x80;
      return;
    }
    this.#status = status;
    this.#unlocked = false;
    if (!wakes) return;
    if (this.#forgotten > 0) this.#forgotten--;
    else this.#announce(0x56, 0xaa);
  }

  #setMode(mode: number): void {
    this.#mode = mode;
    if (mode === 0x10 && this.#finger !== undefined) this.#announce(0x01, 0x01);
    if (mode === 0x12 && this.#finger === undefined) this.#announce(0x02, 0x00);
    if (mode !== 0x20) return;
    const sent = this.#picture(this.#finger ?? new Uint8Array(WIDTH * HEIGHT).fill(3));
    const { picture = (whole: Uint8Array) => whole } = this.#behaviour;
    const comes = picture(sent, this.#taken++);
    if (comes === undefined) return;
    this.#pictures.push(comes);
    this.#changed();
  }

  #announce(high: number, low: number): void {
    for (const noise of this.#behaviour.noise ?? []) this.announce(noise);
    const packet = new Uint8Array(64);
    packet.set([high, low]);
    this.announce(packet);
  }

  #changed(): void {
    this.#wake.abort();
    this.#wake = new AbortController();
  }

  /** As the wire gives other transfers their turn. */
  async #turn({ signal }: TransferOptions): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    this.#gone.signal.throwIfAborted();
  }

  /** The key that belongs to a number, hidden in what the host drew. */
  #exchangedKey(): Uint8Array {
    const answer = Buffer.alloc(4);
    answer.writeUInt32LE((keyOf(this.#asked) ^ (this.#keys.get(this.#asked) ?? 0)) >>> 0);
    return answer;
  }

  #picture(skin: Uint8Array): Uint8Array {
    const blocks = this.#behaviour.blocks ?? USUAL_BLOCKS;
    const sent = blocks.reduce((lines, [flags, count]) => lines + ((flags & 1) === 0 ? count : 0), 0);
    const bytes = new Uint8Array(64 + sent * WIDTH);
    bytes.set([0x10, 0x40, 0x80, 0x01, sent & 0xff, sent >> 8, FIRST_KEY]);
    blocks.forEach(([flags, lines], at) => {
      bytes.set([flags, lines], 16 + 2 * at);
    });
    // As the real ones: garbage behind the end of the list.
    bytes.set([0x80, 0x01], 16 + 2 * blocks.length + 2);
    let number = FIRST_KEY;
    let key = keyOf(number);
    let row = 0;
    let to = 64;
    for (const [flags, lines] of blocks) {
      if ((flags & 0x80) !== 0) key = keyOf(++number);
      const length = lines * WIDTH;
      const pixels = skin.subarray(row * WIDTH, row * WIDTH + length);
      row += lines;
      const scrambles = (flags & 6) === 2;
      if ((flags & 1) === 0) {
        bytes.set(scrambles && this.#behaviour.plain !== true ? scrambled(pixels, key) : pixels, to);
        to += length;
      }
      if ((flags & 4) === 0) key = stepKey(key, length);
    }
    return bytes;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
  });
}

/** What of a picture survives the way: the last pixel of every scrambled block is lost, a missing line repeats the next. */
export function survivingPicture(skin: Uint8Array, blocks: Blocks): Uint8Array {
  const picture = skin.slice();
  let row = 0;
  for (const [flags, lines] of blocks) {
    if ((flags & 7) === 2) picture[(row + lines) * WIDTH - 1] = 0;
    row += lines;
  }
  row = 0;
  for (const [flags, lines] of blocks) {
    if ((flags & 1) !== 0) picture.copyWithin(row * WIDTH, (row + lines) * WIDTH, (row + 2 * lines) * WIDTH);
    row += lines;
  }
  return picture.fill(0, row * WIDTH);
}

function keyOf(number: number): number {
  return (0x9e3779b9 * (number + 1)) >>> 0;
}

/** The other way round: each pixel hides in the byte after its own. */
function scrambled(pixels: Uint8Array, key: number): Uint8Array {
  const bytes = new Uint8Array(pixels.length);
  bytes[0] = 0x5a;
  for (let i = 0, k = key; i + 1 < pixels.length; i++, k = stepKey(k, 1)) bytes[i + 1] = pixels[i] ^ hidingByte(k);
  return bytes;
}
