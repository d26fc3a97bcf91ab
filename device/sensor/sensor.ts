import type { GrayImage } from '../imaging/gray-image.ts';

/** What a sensor says of itself. */
export interface SensorDescription {
  readonly model: string;
  /** Distinguishes two sensors of a model; the folder's or the seed's name where there is no hardware. */
  readonly serial: string;
  /** How it is reached, for people: `folder:…`, `/dev/serial/by-id/…`, `artificial:42`. */
  readonly link: string;
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
 * A source of touches. `capture` waits for a finger and resolves when it has been read; it rejects with the signal's
 * reason when aborted and with a coded error when the device fails. `undefined` means that no touch will ever follow
 * (a folder read to its end).
 */
export interface Sensor {
  describe(): SensorDescription;
  capture(signal: AbortSignal): Promise<Capture | undefined>;
  close(): Promise<void>;
}
