import { join } from 'node:path';
import { systemClock } from '../../device/clock.ts';
import { WhorlError } from '../../device/errors.ts';
import { FRAME_KINDS } from '../../device/sensor/grow/frame.ts';
import { GrowLink } from '../../device/sensor/grow/link.ts';
import { openSerial } from '../../device/sensor/grow/serial-binding.ts';
import { SIMULATED_MODELS } from '../../device/sensor/grow/simulated/module-models.ts';
import { PseudoTerminal } from '../../device/sensor/grow/simulated/pseudo-terminal.ts';
import { SimulatedModule } from '../../device/sensor/grow/simulated/simulated-module.ts';
import { parseTarget } from '../../device/sensor/grow/target.ts';
import { HotPlugSensor } from '../../device/sensor/hot-plug.ts';
import { PairingFile } from '../../device/sensor/pairing.ts';
import type { Capture } from '../../device/sensor/sensor.ts';
import { sensorModel } from '../../models/synthesis/sensors.ts';
import { Random } from '../../models/synthesis/random.ts';
import { overTheWire } from './grow-rig.ts';

/** What can go wrong with what a module sends, or with the module. */
export const FAULTS = [
  'noise before a frame',
  'a false beginning before a frame',
  'noise inside a frame',
  'bit error',
  'a part lost',
  'a frame lost',
  'a frame cut into single bytes',
  'end packet lost',
  'everything late',
  'module restarted',
  'unplugged and replugged',
  'module with another password for a while',
] as const;

export type Fault = (typeof FAULTS)[number];

/** Modules of other habits, and what the operator tells of them. */
const MODELS: readonly (readonly [name: string, options: string])[] = [
  ['r503', ''],
  ['r307', ''],
  ['as608', '?model=AS608'],
  ['r551', '?model=R551&size=192x192'],
];

/** Frames from now on until a fault strikes: connecting takes a dozen, a picture about a hundred. */
const LATEST_FRAME = 150;
const MOST_FAULTS = 4;

/** So much of a picture is as it was laid, or it is another's. */
const ALIKE = 0.5;

/** Longer than this no sequence may take: it would never end. */
const PATIENCE_MS = 60_000;

/** What became of a fault sequence. */
export interface SequenceResult {
  readonly faults: readonly Fault[];
  /** From the end of the last fault to a picture that is exact. */
  readonly recoveryMs: number;
  readonly touches: number;
  readonly pictures: number;
  /** Pictures of another touch than the one they were given for, and those of their touch that are not exact. */
  readonly foreign: number;
  readonly inexact: number;
  /** Codes of the errors that people were told. */
  readonly errors: readonly string[];
  /** How often the paired module was taken for another one. */
  readonly swaps: number;
}

export interface FaultRun {
  readonly sequences: number;
  readonly modules: number;
  /** Where links to ports and pairings are kept. */
  readonly directory: string;
}

/** A terminal's sensor behind a pseudo-terminal and the real serialport, whose module and cable misbehave. */
export class FaultyModule {
  readonly #random: Random;
  readonly #link: string;
  readonly #size: number;
  readonly #faults: readonly Fault[];
  readonly #module: SimulatedModule;
  readonly #stranger: SimulatedModule;
  readonly #sensor: HotPlugSensor;
  #port: PseudoTerminal | undefined;
  #plugged: SimulatedModule | undefined;
  #finger: Uint8Array | undefined;
  #touches = 0;
  #swaps = 0;
  #pending: { readonly fault: Fault; frames: number }[] = [];
  #lastFaultAt = 0;
  /** Changes of cable and module that go on. */
  #work: Promise<void> = Promise.resolve();
  #working = 0;
  /** What the module sends waits for this. */
  #late: Promise<void> | undefined;

  constructor(number: number, directory: string) {
    const [name, options] = MODELS[number % MODELS.length];
    const model = SIMULATED_MODELS[name];
    const { width, height } = model.product ?? sensorModel(model.look);
    this.#size = width * height;
    this.#faults = FAULTS.filter((fault) => fault !== 'end packet lost' || model.endsPictures);
    this.#random = new Random(1_000 + number);
    this.#link = join(directory, `port-${number}`);
    const make = (password?: number): SimulatedModule => {
      const module: SimulatedModule = new SimulatedModule({
        ...{ model, clock: systemClock, instant: true, finger: () => this.#finger },
        ...(password !== undefined && { password }),
        send: (bytes, baud) => {
          if (this.#plugged === module) this.#send(bytes, baud);
        },
      });
      return module;
    };
    this.#module = make();
    this.#stranger = make(0xbad);
    this.#sensor = new HotPlugSensor({
      link: new GrowLink({ target: parseTarget(`${this.#link}${options}`), clock: systemClock, open: openSerial }),
      pairing: new PairingFile(join(directory, `pairing-${number}.json`)),
      clock: systemClock,
      onEvent: ({ kind }) => {
        if (kind === 'swapped') this.#swaps++;
      },
    });
  }

  async open(): Promise<void> {
    await this.#plug(this.#module);
    // The first touch pairs it, undisturbed.
    await this.#touch(new AbortController().signal);
  }

  async close(): Promise<void> {
    await this.#sensor.close();
    await this.#work;
    await this.#unplug();
  }

  /** People touch again and again while faults strike; ends with the first exact picture after the last one. */
  async suffer(): Promise<SequenceResult> {
    const random = this.#random;
    const faults = Array.from(
      { length: 1 + random.below(MOST_FAULTS) },
      () => this.#faults[random.below(this.#faults.length)],
    );
    this.#pending = faults.map((fault) => ({ fault, frames: random.below(LATEST_FRAME) }));
    this.#swaps = 0;
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const errors: string[] = [];
    for (let touches = 1, pictures = 0, foreign = 0, inexact = 0; ; touches++) {
      const begun = performance.now();
      const { capture, alike } = await this.#touch(signal);
      if (capture instanceof WhorlError) errors.push(capture.code);
      else if (capture.kind === 'image') {
        pictures++;
        if (alike < ALIKE) foreign++;
        else if (alike < 1) inexact++;
        const recoveryMs = performance.now() - this.#lastFaultAt;
        if (this.#pending.length === 0 && this.#working === 0 && alike === 1)
          return { faults, recoveryMs, touches, pictures, foreign, inexact, errors, swaps: this.#swaps };
      }
      // Somebody who got no picture at once does not hammer on the sensor.
      if (performance.now() - begun < 50) await systemClock.sleep(50, signal);
    }
  }

  /** One touch with a finger that no other touch has; sometimes it is exchanged for another while it is read. */
  async #touch(signal: AbortSignal): Promise<{ capture: Capture | WhorlError; alike: number }> {
    const laid = [this.#draw()];
    [this.#finger] = laid;
    const change =
      this.#random.below(5) > 0
        ? undefined
        : setTimeout(() => {
            this.#finger = this.#draw();
            laid.push(this.#finger);
          }, this.#random.below(600));
    try {
      await this.#sensor.waitForFinger(signal);
      const capture = await this.#sensor.capture(signal);
      clearTimeout(change);
      if (capture.kind === 'retry') return { capture, alike: 0 };
      const { pixels } = capture.image;
      return { capture, alike: Math.max(...laid.map((one) => alikeness(overTheWire(one), pixels))) };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof WhorlError)) throw error;
      return { capture: error, alike: 0 };
    } finally {
      clearTimeout(change);
      this.#finger = undefined;
      await this.#sensor.waitForLift(signal);
    }
  }

  #draw(): Uint8Array {
    const random = new Random(++this.#touches);
    const pixels = new Uint8Array(this.#size);
    new Uint32Array(pixels.buffer).forEach((_, index, words) => {
      words[index] = random.bits();
    });
    return pixels;
  }

  #send(bytes: Uint8Array, baud: number): void {
    let pieces: Uint8Array[] = [bytes];
    for (const one of [...this.#pending]) {
      const isEnd = bytes[6] === FRAME_KINDS.lastData;
      if (one.frames-- > 0 || (one.fault === 'end packet lost' && !isEnd)) continue;
      this.#pending.splice(this.#pending.indexOf(one), 1);
      pieces = this.#strike(one.fault, pieces);
      this.#lastFaultAt = performance.now();
    }
    const port = this.#port;
    for (const piece of pieces)
      if (this.#late === undefined) port?.send(piece, baud);
      else void this.#late.then(() => port?.send(piece, baud));
  }

  /** @returns what is sent instead */
  #strike(fault: Fault, pieces: Uint8Array[]): Uint8Array[] {
    const random = this.#random;
    const [bytes = new Uint8Array(0), ...rest] = pieces;
    const at = random.below(bytes.length + 1);
    const noise = Uint8Array.from({ length: 1 + random.below(24) }, () => random.below(256));
    switch (fault) {
      case 'noise before a frame':
        return [noise, ...pieces];
      case 'a false beginning before a frame':
        return [Uint8Array.of(0xef, 0x01, 0xff, 0xff, 0xff, 0xff, 0x02, random.below(2), 0x02, ...noise), ...pieces];
      case 'noise inside a frame':
        return [bytes.subarray(0, at), noise, bytes.subarray(at), ...rest];
      case 'bit error': {
        // One a frame: of two the plain sum of a frame may see nothing.
        const changed = bytes.slice();
        if (at < changed.length) changed[at] ^= 1 << random.below(8);
        return [changed, ...rest];
      }
      case 'a part lost':
        return [bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + noise.length)), ...rest];
      case 'a frame lost':
      case 'end packet lost':
        return rest;
      case 'a frame cut into single bytes':
        return [...Array.from(bytes, (byte) => Uint8Array.of(byte)), ...rest];
      case 'everything late':
        this.#later(async () => {
          this.#late = systemClock.sleep(100 + random.below(900), new AbortController().signal);
          await this.#late;
          this.#late = undefined;
        });
        return pieces;
      case 'module restarted':
        this.#later(() => {
          this.#plugged?.powerOn();
        });
        return [bytes.subarray(0, at)];
      case 'unplugged and replugged':
        this.#later(async () => {
          await this.#exchange(this.#module);
        });
        return [bytes.subarray(0, at)];
      case 'module with another password for a while':
        this.#later(async () => {
          await this.#exchange(this.#stranger);
          await systemClock.sleep(200 + random.below(800), new AbortController().signal);
          await this.#exchange(this.#module);
        });
        return [bytes.subarray(0, at)];
    }
  }

  async #exchange(module: SimulatedModule): Promise<void> {
    await this.#unplug();
    await systemClock.sleep(20 + this.#random.below(400), new AbortController().signal);
    await this.#plug(module);
  }

  /** One change after the other; the fault has not ended before the last one has. */
  #later(change: () => void | Promise<void>): void {
    this.#working++;
    this.#work = this.#work.then(async () => {
      await change();
      this.#working--;
      this.#lastFaultAt = performance.now();
    });
  }

  async #plug(module: SimulatedModule): Promise<void> {
    this.#port = await PseudoTerminal.open(this.#link, (bytes, baud) => {
      if (this.#plugged === module) module.receive(bytes, baud);
    });
    this.#plugged = module;
    module.powerOn();
  }

  async #unplug(): Promise<void> {
    this.#plugged?.powerOff();
    this.#plugged = undefined;
    await this.#port?.close();
    this.#port = undefined;
  }
}

/** Serves so many fault sequences on several modules at once, as many doors would. */
export async function sufferFaults(
  { sequences, modules, directory }: FaultRun,
  onResult: (result: SequenceResult) => void,
): Promise<void> {
  let left = sequences;
  const serve = async (number: number): Promise<void> => {
    const module = new FaultyModule(number, directory);
    await module.open();
    try {
      while (left-- > 0) onResult(await module.suffer());
    } finally {
      await module.close();
    }
  };
  await Promise.all(Array.from({ length: modules }, (_, number) => serve(number)));
}

/** Share of pixels that are the same; of two touches' a sixteenth. */
function alikeness(one: Uint8Array, other: Uint8Array): number {
  return one.reduce((count, pixel, index) => count + (pixel === other[index] ? 1 : 0), 0) / one.length;
}
