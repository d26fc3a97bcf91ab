import type { EventEmitter } from 'node:events';
import type { ClockDoubt } from '../access/clock-doubt.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import type { Door, DoorChange } from '../door/door.ts';
import type { Report } from '../events/event.ts';
import type { LinkChange } from '../events/link.ts';
import type { Gallery } from '../gallery/gallery.ts';
import type { Inference } from '../inference/inference.ts';
import type { FusedRecognizer } from '../recognizer.ts';
import type { Rehearsal } from '../sensor/rehearsal.ts';
import type { Sensor } from '../sensor/sensor.ts';
import type { Touch } from '../terminal.ts';

/** What happens at a board while nobody asks. */
export interface Happenings {
  readonly door: [DoorChange];
  readonly link: [LinkChange];
}

/** A board with all its parts open, in the hands of a technician: no touch opens its door by itself. */
export interface Workbench {
  readonly config: Config;
  readonly clock: Clock;
  /** Who works at it, for events. */
  readonly operator: string;
  readonly gallery: Gallery;
  readonly recognizer: Pick<FusedRecognizer, 'features' | 'comparison' | 'contents'>;
  readonly sensor: Sensor;
  /** The same with all its defects: what is calibrated. */
  readonly uncorrected: Sensor;
  readonly rehearsal?: Rehearsal;
  /** @throws SensorError why there is no sensor now */
  connectSensor(signal: AbortSignal): Promise<void>;
  readonly door: Door;
  readonly inference: Pick<Inference, 'status'>;
  /** Where events go. */
  readonly brokerUrl: string;
  /** Whether events reach the broker now; undefined where it has not been tried to the end. */
  readonly link: LinkChange | undefined;
  /** How many events wait for the broker. */
  readonly waiting: number;
  readonly clockDoubt: ClockDoubt | undefined;
  readonly happenings: EventEmitter<Happenings>;
  readonly commit: (report: Report) => void;
  /** The next touch, served as the terminal does: decided, reported, and the door opened for who may pass. */
  serveTouch(signal: AbortSignal): Promise<Touch | undefined>;
}
