import type { Clock } from '../../clock.ts';
import { SensorError } from '../errors.ts';
import type { Capture, Lamp, SensorConnection, SensorDescription, SensorListener } from '../sensor.ts';
import type { Binding } from './binding.ts';
import type { Answer, Conversation } from './conversation.ts';
import { CONFIRMATIONS, confirmationInWords, INSTRUCTIONS } from './instructions.ts';
import { drawMark, MARK_PAGE, readMark } from './mark.ts';
import type { ModuleParameters } from './module-info.ts';
import { bytesOf, geometryOf, unpackPixels, type Geometry } from './picture.ts';
import type { GrowTarget } from './target.ts';

/** What a module told of itself. */
export interface Module {
  readonly model: string;
  readonly serial?: string;
  readonly dpi: number;
  /** Of the R503 kind. */
  readonly modern: boolean;
  readonly geometry?: Geometry;
  readonly parameters?: ModuleParameters;
}

export interface GrowConnectionOptions {
  readonly binding: Binding;
  readonly conversation: Conversation;
  readonly module: Module;
  readonly baud: number;
  readonly target: GrowTarget;
  readonly clock: Clock;
  readonly onEvent: SensorListener;
  /** Told when this rate damages every picture. */
  readonly onDamage: () => void;
}

/** Between two questions whether a finger is there. */
const POLL_MS = 60;
const TOUCH_POLL_MS = 20;

/**
 * A picture taken while a finger was awaited is that of the capture that follows at once. Shorter than the half second
 * that a module is deaf after a restart, so that no restart hides in between.
 */
const FRESH_MS = 300;

/** A damaged picture is asked for so often. */
const MOST_UPLOADS = 3;

/** Silences of a module that is asked for a finger, before it is given up. */
const MOST_SILENCES = 2;

/** How long the lamp of a verdict shines. */
const LAMP_MS = 1_500;

/** A sensor that is closed because it no longer answers must not hold up the next connection. */
const FAREWELL_MS = 250;

/** How the R503's ring shows it: what it does (3 is on, 4 is off, 2 flashes), speed, colour (1 red, 2 blue, 3 purple), times. */
const AURA: Readonly<Record<Lamp, readonly [number, number, number, number]>> = {
  reading: [3, 0, 3, 0],
  granted: [3, 0, 2, 0],
  denied: [3, 0, 1, 0],
  retry: [2, 40, 1, 2],
  off: [4, 0, 1, 0],
};

/** A module that answers, until it no longer does. */
export class GrowConnection implements SensorConnection {
  readonly #options: GrowConnectionOptions;
  readonly #closing = new AbortController();
  #module: Module;
  /** The picture in the module's buffer, if it is of a touch that nobody captured yet. */
  #taken: { readonly at: number; readonly restarts: number } | undefined;
  #lampsShown = 0;
  #lit = false;

  constructor(options: GrowConnectionOptions) {
    this.#options = options;
    this.#module = options.module;
  }

  describe(): SensorDescription {
    const { model, serial, geometry, dpi } = this.#module;
    return {
      ...{ model, link: `grow:${this.#options.target.path}`, dpi },
      ...(serial !== undefined && { serial }),
      ...(geometry && { geometry }),
    };
  }

  async waitForFinger(signal: AbortSignal): Promise<'finger'> {
    await this.#until(true, signal);
    return 'finger';
  }

  async waitForLift(signal: AbortSignal): Promise<void> {
    this.#taken = undefined;
    await this.#until(false, signal);
  }

  async capture(signal: AbortSignal): Promise<Capture> {
    const { conversation, clock } = this.#options;
    const waiting = this.#taken;
    this.#taken = undefined;
    const fresh = waiting !== undefined && clock.monotonic() - waiting.at <= FRESH_MS;
    const taken = fresh ? waiting : await this.#take(signal);
    if (taken === undefined) return { kind: 'retry', reason: 'too-short' };
    for (let uploads = 1; uploads <= MOST_UPLOADS; uploads++) {
      // What a restarted module holds is nobody's picture.
      if (conversation.restarts !== taken.restarts)
        throw new SensorError('sensor.interrupted', 'the sensor was restarted during the touch: check its supply');
      const bytes = await this.#upload(signal);
      if (bytes !== undefined && conversation.restarts === taken.restarts) return this.#imageOf(bytes);
    }
    this.#options.onDamage();
    throw new SensorError(
      'sensor.damaged-upload',
      `${MOST_UPLOADS} times the picture arrived damaged at ${this.#options.baud} baud; the next try is slower: check cable and ground`,
    );
  }

  async showLamp(lamp: Lamp): Promise<void> {
    if (!this.#module.modern) return;
    const shown = ++this.#lampsShown;
    await this.#aura(lamp);
    if (lamp === 'reading' || lamp === 'off') return;
    const darken = async (): Promise<void> => {
      await this.#options.clock.sleep(LAMP_MS, this.#closing.signal);
      if (shown === this.#lampsShown) await this.#aura('off');
    };
    // A lamp that cannot be put out any more has lost its sensor, or its power.
    darken().catch(() => undefined);
  }

  async mark(): Promise<void> {
    const { conversation } = this.#options;
    const page = drawMark();
    const { signal } = this.#closing;
    const answer = await conversation.command(INSTRUCTIONS.writeNotepad, [MARK_PAGE, ...page], signal);
    // Without a notepad the model is all that is known of it.
    if (answer.confirmation !== CONFIRMATIONS.ok) return;
    const back = await conversation.command(INSTRUCTIONS.readNotepad, [MARK_PAGE], signal);
    const serial = readMark(back.payload);
    if (serial !== undefined) this.#module = { ...this.#module, serial };
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    if (this.#lit && !this.#options.binding.gone.aborted) {
      const hurry = this.#options.clock.sleep(FAREWELL_MS, this.#closing.signal);
      await Promise.race([this.#aura('off'), hurry]).catch(() => undefined);
    }
    this.#closing.abort(new SensorError('sensor.closed', 'the sensor has been closed'));
    await this.#options.binding.close();
  }

  /** Waits for a finger, or for none. */
  async #until(there: boolean, signal: AbortSignal): Promise<void> {
    const { conversation, target } = this.#options;
    for (let silences = 0; ;) {
      signal.throwIfAborted();
      try {
        if (target.touch !== undefined) {
          if ((await this.#isTouched()) === there) return;
        } else {
          this.#taken = await this.#take(signal);
          if ((this.#taken !== undefined) === there) return;
        }
        silences = 0;
      } catch (cause) {
        const silent = cause instanceof SensorError && cause.code === 'sensor.no-answer';
        if (!silent || ++silences >= MOST_SILENCES) throw cause;
      }
      await conversation.pause(target.touch === undefined ? POLL_MS : TOUCH_POLL_MS, signal);
    }
  }

  async #isTouched(): Promise<boolean> {
    const { binding, target } = this.#options;
    if (target.touch === undefined) return false;
    const lines = await binding.readLines();
    return lines[target.touch.line] === target.touch.asserted;
  }

  /** Lets the module take a picture; `undefined` where no finger is. */
  async #take(signal: AbortSignal): Promise<{ at: number; restarts: number } | undefined> {
    const { conversation, clock } = this.#options;
    const { restarts } = conversation;
    const { confirmation } = await conversation.command(INSTRUCTIONS.getImage, [], signal);
    switch (confirmation) {
      case CONFIRMATIONS.ok:
        return { at: clock.monotonic(), restarts };
      case CONFIRMATIONS.noFinger:
      case CONFIRMATIONS.captureFailed:
      case CONFIRMATIONS.packetError:
        return undefined;
      case CONFIRMATIONS.mustVerify:
        throw new SensorError('sensor.interrupted', 'the sensor was restarted: check its supply');
      default:
        throw refused({ confirmation });
    }
  }

  /** The picture's bytes; `undefined` where they came damaged. */
  async #upload(signal: AbortSignal): Promise<Uint8Array | undefined> {
    const { conversation, onEvent } = this.#options;
    const { geometry } = this.#module;
    const total = geometry && bytesOf(geometry);
    const upload = await conversation.upload(total, signal, (done) => {
      onEvent({ kind: 'upload', done, ...(total !== undefined && { total }) });
    });
    if (upload.kind === 'damaged') return undefined;
    const known = geometry ?? geometryOf(upload.bytes.length);
    if (known === undefined || bytesOf(known) !== upload.bytes.length) return undefined;
    this.#module = { ...this.#module, geometry: known };
    return upload.bytes;
  }

  #imageOf(bytes: Uint8Array): Capture {
    const { geometry, dpi } = this.#module;
    if (geometry === undefined) throw new RangeError('a picture came without its size');
    return { kind: 'image', image: { ...geometry, dpi, pixels: unpackPixels(bytes, this.#options.target.invert) } };
  }

  async #aura(lamp: Lamp): Promise<void> {
    this.#lit = lamp !== 'off';
    await this.#options.conversation.command(INSTRUCTIONS.auraLed, AURA[lamp], this.#closing.signal);
  }
}

function refused({ confirmation }: Pick<Answer, 'confirmation'>): SensorError {
  return new SensorError('sensor.refused', `the sensor refuses: ${confirmationInWords(confirmation)}`);
}
