import type { GrayImage } from '../imaging/gray-image.ts';
import type { Sensor } from './sensor.ts';

/** Someone whom a rehearsal enrols when the gallery is empty. */
export interface Enrollee {
  readonly name: string;
  /** Their enrolment touches, in order. */
  readonly touches: readonly (() => Promise<GrayImage>)[];
}

/** What a technician lays on a sensor that is calibrated. */
export type Laid = 'empty' | 'full' | 'target' | 'fingers';

/**
 * A sensor that knows who will touch it: what lets a terminal without hardware enrol people by itself and be judged
 * afterwards. Its touches never show an impression that was enrolled.
 */
export interface Rehearsal {
  readonly sensor: Sensor;
  readonly enrollees: readonly Enrollee[];
  /** How many people come to the door without ever being enrolled. */
  readonly strangers: number;
  /** The name of the person behind a capture's origin. */
  nameOf(origin: string): string;
  /** Lays on the plate what calibration asks for; absent where touches are all there is. */
  lay?(laid: Laid): void;
}
