import type { GrayImage } from '../imaging/gray-image.ts';

/** What tells one sensor from another: what pairing compares. */
export interface SensorIdentity {
  readonly model: string;
  /**
   * Distinguishes two sensors of a model. The folder's or the seed's name where there is no hardware; absent where the
   * hardware has none and could not be marked.
   */
  readonly serial?: string;
}

/** What a sensor says of itself. */
export interface SensorDescription extends SensorIdentity {
  /** How it is reached, for people and events: `folder:…`, `/dev/serial/by-id/…`, `artificial:R503`. No secrets. */
  readonly link: string;
  /** Size of a capture, pixels; absent where captures differ in size or none was taken yet. */
  readonly geometry?: { readonly width: number; readonly height: number };
  /** Resolution of a capture; absent where only the capture itself tells. */
  readonly dpi?: number;
}

/** Why a touch gave no usable picture: a result that a person can act on, not an error. */
export type CaptureRetry =
  'no-finger' | 'too-short' | 'moved' | 'partial' | 'press-harder' | 'press-lighter' | 'centre' | 'too-dry' | 'too-wet';

export type Capture =
  | {
      readonly kind: 'image';
      readonly image: GrayImage;
      /** What stood behind the touch where the sensor knows (a file name). */ readonly origin?: string;
    }
  | { readonly kind: 'retry'; readonly reason: CaptureRetry };

/**
 * What the sensor's own lamp tells whoever touches. The lamp of a verdict goes out by itself after a second or two: what
 * comes between touches (dark, or breathing) is the sensor's own.
 */
export type Lamp = 'reading' | 'granted' | 'denied' | 'retry' | 'off';

/** What happens to a sensor beside its touches. Told as it happens, once for every change. */
export type SensorEvent =
  | { readonly kind: 'connected'; readonly sensor: SensorDescription }
  /** Nothing there, unplugged, or not answering; `code` and `message` are those of the error that showed it. */
  | { readonly kind: 'disconnected'; readonly link: string; readonly code: string; readonly message: string }
  /** This sensor belongs to this terminal from now on: the first one ever, or one that a technician accepted. */
  | { readonly kind: 'paired'; readonly sensor: SensorDescription }
  /** Another sensor stands in the place of the paired one: it is not used until a technician accepts it. */
  | { readonly kind: 'swapped'; readonly paired: SensorIdentity; readonly found: SensorDescription }
  /** A capture on a slow link is on its way: bytes so far, and altogether where that is known. */
  | { readonly kind: 'upload'; readonly done: number; readonly total?: number };

/** Listens to a sensor. It must not throw. */
export type SensorListener = (event: SensorEvent) => void;

/**
 * A source of touches. The order of a touch is `waitForFinger`, `capture`, `waitForLift`; one call at a time, except
 * `showLamp` and `close`, which may come at any moment.
 *
 * Every wait ends when its signal aborts, by a rejection with the signal's reason, and leaves the sensor fit for the
 * next call. Other failures are a `SensorError`.
 */
export interface Sensor {
  /** The last known state; before the first connection to hardware only what the configuration tells. */
  describe(): SensorDescription;

  /** Waits until a finger lies on the sensor. `ended`: no touch will ever follow (a folder read to its end). */
  waitForFinger(signal: AbortSignal): Promise<'finger' | 'ended'>;

  /**
   * Reads the finger that lies there now. Never gives the picture of an earlier touch: what was lost on the way is a
   * retry or an error.
   *
   * @returns the picture as the sensor sees it, in its own size and resolution, dark ridges on light
   * @throws SensorError for what a person at the sensor cannot help: broken link, damaged file
   */
  capture(signal: AbortSignal): Promise<Capture>;

  /** Waits until the finger is gone, so that one touch is never served twice. A sensor that was unplugged has none. */
  waitForLift(signal: AbortSignal): Promise<void>;

  /** Resolves when the lamp was set, and at once where there is none. */
  showLamp(lamp: Lamp): Promise<void>;

  /** Ends every wait with `sensor.closed`. Lamp off, nothing held any more. */
  close(): Promise<void>;
}

/**
 * One connection to hardware, from the moment when it was found, opened and identified: `describe` is complete as far as
 * the hardware can tell. It fails with `sensor.disconnected` or another `SensorError` when the hardware is unplugged or
 * does not answer, and is then of no use any more: it is closed, and the next one is made by the link. Never opened again.
 */
export interface SensorConnection extends Sensor {
  /**
   * For hardware without a serial number: leaves a mark in it that serves as one from now on, in `describe` too. Called
   * when the sensor becomes this terminal's own.
   */
  mark?(): Promise<void>;
}

/** A place where hardware may be plugged in. What a driver is: `HotPlugSensor` makes a `Sensor` of it. */
export interface SensorLink {
  /** What is known before anything is plugged in: the place itself. */
  readonly description: SensorDescription;

  /**
   * Finds, opens and identifies what is plugged in now.
   *
   * @param onEvent told of `upload` only
   * @throws SensorError `sensor.not-connected` where nothing is there, other codes for what is there but cannot be used
   */
  connect(signal: AbortSignal, onEvent: SensorListener): Promise<SensorConnection>;
}
