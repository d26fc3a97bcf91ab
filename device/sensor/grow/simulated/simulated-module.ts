import type { Clock } from '../../../clock.ts';
import { DEFAULT_ADDRESS, encodeFrame, FRAME_KINDS, type Frame } from '../frame.ts';
import { Framer } from '../framer.ts';
import {
  BAUD_MULTIPLES,
  BAUD_STEP,
  CONFIRMATIONS,
  INSTRUCTIONS,
  NOTEPAD_PAGE_LENGTH,
  NOTEPAD_PAGES,
  PACKET_SIZES,
  REGISTERS,
} from '../instructions.ts';
import { encodeParameters, encodeProductInfo, type ProductInfo } from '../module-info.ts';
import { packPixels } from '../picture.ts';
import type { SimulatedModel } from './module-models.ts';

/** How long a module takes to look for a finger, to take a picture of one, and for anything else. */
const LOOK_MS = 40;
const TAKE_MS = 200;
const THINK_MS = 4;

/** Bits that a byte takes on the wire, and how many bytes an adapter hands on at once. */
const BITS = 10;
const PIECE = 64;

/** What the ring shows: the arguments of the last aura command. */
export type Aura = readonly number[];

export interface SimulatedModuleOptions {
  readonly model: SimulatedModel;
  readonly clock: Clock;
  /** What lies on the sensor now: 8-bit pixels, or nothing. */
  readonly finger: () => Uint8Array | undefined;
  /** Puts bytes on the wire towards the host, at a rate. */
  readonly send: (bytes: Uint8Array, baud: number) => void;
  readonly password?: number;
  readonly serial?: string;
  /** Sends as fast as the host reads instead of at the line's rate. */
  readonly instant?: boolean;
}

/** What the module did, for whoever stands before it. */
export interface ModuleActivity {
  /** Pictures taken of a finger, and pictures sent to their end. */
  readonly taken: number;
  readonly sent: number;
  /** Whether a picture is on its way. */
  readonly sending: boolean;
  /** When it was last asked for anything, by the clock. */
  readonly askedAt: number;
  readonly aura: Aura;
}

/** A module of the GROW family, made of its manual: commands, memory, and the time that everything takes. */
export class SimulatedModule {
  readonly #options: SimulatedModuleOptions;
  readonly #framer = new Framer();
  readonly #notepad = Array.from({ length: NOTEPAD_PAGES }, () => new Uint8Array(NOTEPAD_PAGE_LENGTH));
  #password: number;
  #power: AbortController | undefined;
  #started = false;
  #verified = false;
  #work: Promise<void> = Promise.resolve();
  #baud: number;
  #storedBaud: number;
  #packetSize = 128;
  /** Survives a restart, as memory may: whoever reads it then gets the picture of an earlier touch. */
  #buffer: Uint8Array | undefined;
  #free = 0;
  #activity: ModuleActivity = { taken: 0, sent: 0, sending: false, askedAt: -Infinity, aura: [] };

  constructor(options: SimulatedModuleOptions) {
    this.#options = options;
    this.#password = options.password ?? 0;
    this.#baud = options.model.baud;
    this.#storedBaud = options.model.baud;
  }

  get activity(): ModuleActivity {
    return this.#activity;
  }

  get baud(): number {
    return this.#baud;
  }

  get isOn(): boolean {
    return this.#power !== undefined;
  }

  powerOn(): void {
    this.powerOff();
    const power = new AbortController();
    this.#power = power;
    this.#baud = this.#storedBaud;
    this.#verified = false;
    this.#framer.reset();
    this.#free = 0;
    const start = async (): Promise<void> => {
      const { model, clock } = this.#options;
      await clock.sleep(model.startMs, power.signal);
      this.#started = true;
      if (model.modern) this.#put(Uint8Array.of(0x55));
    };
    this.#work = start().catch(() => undefined);
  }

  powerOff(): void {
    this.#power?.abort();
    this.#power = undefined;
    this.#started = false;
    this.#activity = { ...this.#activity, sending: false };
  }

  /** @param baud the host's rate: at another one than the module's nothing can be understood. The module's by default */
  receive(bytes: Uint8Array, baud = this.#baud): void {
    const power = this.#power;
    if (power === undefined || !this.#started) return;
    const heard = baud === this.#baud ? bytes : bytes.map((byte) => byte ^ 0xa5);
    for (const received of this.#framer.push(heard))
      if (received.kind === 'frame') this.#take(received.frame, power.signal);
      else if (received.kind === 'damaged') this.#later(power.signal, () => this.#answer(CONFIRMATIONS.packetError));
  }

  #take({ kind, address, payload }: Frame, power: AbortSignal): void {
    if (kind !== FRAME_KINDS.command || address !== DEFAULT_ADDRESS || payload.length === 0) return;
    this.#activity = { ...this.#activity, askedAt: this.#options.clock.monotonic() };
    this.#later(power, () => this.#obey(payload[0], payload.subarray(1), power));
  }

  #later(power: AbortSignal, act: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      if (power.aborted) return;
      await act();
    });
    // A loss of power ends everything that was to be done.
    this.#work = this.#work.catch(() => undefined);
  }

  async #obey(instruction: number, payload: Uint8Array, power: AbortSignal): Promise<void> {
    const { model, clock } = this.#options;
    await clock.sleep(THINK_MS, power);
    const free: readonly number[] = [INSTRUCTIONS.verifyPassword, INSTRUCTIONS.handShake];
    if (model.modern && !this.#verified && !free.includes(instruction)) {
      await this.#answer(CONFIRMATIONS.mustVerify);
      return;
    }
    switch (instruction) {
      case INSTRUCTIONS.getImage:
        await this.#takePicture(power);
        return;
      case INSTRUCTIONS.upImage:
        await this.#sendPicture(power);
        return;
      case INSTRUCTIONS.verifyPassword: {
        const given = payload.length === 4 ? Buffer.from(payload).readUInt32BE(0) : NaN;
        this.#verified = given === this.#password;
        await this.#answer(this.#verified ? CONFIRMATIONS.ok : CONFIRMATIONS.wrongPassword);
        return;
      }
      case INSTRUCTIONS.setParameter:
        await this.#setParameter(payload[0], payload[1]);
        return;
      case INSTRUCTIONS.readParameters:
        // Silence: the module has no idea what is wanted.
        if (!model.hasParameters) return;
        await this.#answer(
          CONFIRMATIONS.ok,
          encodeParameters({
            ...{ system: 9, capacity: model.capacity, address: DEFAULT_ADDRESS },
            ...{ packetSize: this.#packetSize, baudMultiple: this.#storedBaud / BAUD_STEP },
          }),
        );
        return;
      case INSTRUCTIONS.readNotepad:
      case INSTRUCTIONS.writeNotepad:
        await this.#useNotepad(instruction, payload);
        return;
      case INSTRUCTIONS.handShake:
        if (model.modern) await this.#answer(CONFIRMATIONS.ok);
        return;
      case INSTRUCTIONS.readProductInfo:
        if (model.product) await this.#answer(CONFIRMATIONS.ok, encodeProductInfo(this.#product(model.product)));
        return;
      case INSTRUCTIONS.auraLed:
        this.#activity = { ...this.#activity, aura: [...payload] };
        await this.#answer(model.modern ? CONFIRMATIONS.ok : CONFIRMATIONS.packetError);
        return;
      case INSTRUCTIONS.softReset:
        await this.#answer(CONFIRMATIONS.ok);
        this.powerOn();
        return;
      default:
        await this.#answer(CONFIRMATIONS.packetError);
    }
  }

  async #takePicture(power: AbortSignal): Promise<void> {
    const { finger, clock } = this.#options;
    const there = finger() !== undefined;
    await clock.sleep(there ? TAKE_MS : LOOK_MS, power);
    const pixels = finger();
    if (pixels === undefined) {
      await this.#answer(CONFIRMATIONS.noFinger);
      return;
    }
    this.#buffer = packPixels(pixels);
    this.#activity = { ...this.#activity, taken: this.#activity.taken + 1 };
    await this.#answer(CONFIRMATIONS.ok);
  }

  async #sendPicture(power: AbortSignal): Promise<void> {
    const picture = this.#buffer;
    if (picture === undefined) {
      await this.#answer(CONFIRMATIONS.uploadFailed);
      return;
    }
    await this.#answer(CONFIRMATIONS.ok);
    this.#activity = { ...this.#activity, sending: true };
    for (let at = 0; at < picture.length; at += this.#packetSize) {
      const end = Math.min(picture.length, at + this.#packetSize);
      const isLast = end === picture.length && this.#options.model.endsPictures;
      await this.#send(isLast ? FRAME_KINDS.lastData : FRAME_KINDS.data, picture.subarray(at, end));
      power.throwIfAborted();
    }
    this.#activity = { ...this.#activity, sending: false, sent: this.#activity.sent + 1 };
  }

  async #setParameter(register: number, value: number): Promise<void> {
    if (register === REGISTERS.baud && BAUD_MULTIPLES.some((multiple) => multiple === value)) {
      this.#storedBaud = value * BAUD_STEP;
      // At the rate that the command came in.
      await this.#answer(CONFIRMATIONS.ok);
      if (this.#options.model.switchesBaud === 'at once') this.#baud = this.#storedBaud;
    } else if (register === REGISTERS.packet && value < PACKET_SIZES.length) {
      this.#packetSize = PACKET_SIZES[value];
      await this.#answer(CONFIRMATIONS.ok);
    } else {
      const known = Object.values<number>(REGISTERS).includes(register);
      await this.#answer(known ? CONFIRMATIONS.badSetting : CONFIRMATIONS.badRegister);
    }
  }

  async #useNotepad(instruction: number, payload: Uint8Array): Promise<void> {
    const [number] = payload;
    if (!this.#options.model.hasNotepad || payload.length === 0 || number >= NOTEPAD_PAGES) {
      await this.#answer(CONFIRMATIONS.badPage);
      return;
    }
    const page = this.#notepad[number];
    if (instruction === INSTRUCTIONS.writeNotepad) page.set(payload.subarray(1, 1 + NOTEPAD_PAGE_LENGTH));
    await this.#answer(CONFIRMATIONS.ok, instruction === INSTRUCTIONS.readNotepad ? page : undefined);
  }

  #product(product: ProductInfo): ProductInfo {
    const { serial } = this.#options;
    return serial === undefined ? product : { ...product, serial };
  }

  #answer(confirmation: number, payload: Uint8Array = new Uint8Array(0)): Promise<void> {
    return this.#send(FRAME_KINDS.acknowledgement, Uint8Array.of(confirmation, ...payload));
  }

  async #send(kind: Frame['kind'], payload: Uint8Array): Promise<void> {
    const power = this.#power;
    if (power === undefined) return;
    const bytes = encodeFrame({ address: DEFAULT_ADDRESS, kind, payload });
    const { clock, instant } = this.#options;
    const piece = instant === true ? bytes.length : PIECE;
    for (let at = 0; at < bytes.length; at += piece) {
      const part = bytes.subarray(at, at + piece);
      if (instant !== true) {
        // By the line's own time, so that a timer that is late does not slow it down.
        const now = clock.monotonic();
        this.#free = Math.max(this.#free, now) + (part.length * BITS * 1_000) / this.#baud;
        await clock.sleep(this.#free - now, power.signal);
      }
      this.#put(part);
    }
  }

  #put(bytes: Uint8Array): void {
    this.#options.send(bytes, this.#baud);
  }
}
