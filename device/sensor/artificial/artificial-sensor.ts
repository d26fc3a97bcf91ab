import { derive, Random } from '../../../models/synthesis/random.ts';
import type { Clock } from '../../clock.ts';
import type { GrayImage } from '../../imaging/gray-image.ts';
import { SensorError } from '../errors.ts';
import type { Laid } from '../rehearsal.ts';
import type { Capture, Sensor, SensorDescription } from '../sensor.ts';
import { nextVisitor, type Crew } from './crew.ts';
import type { Plate } from './plate.ts';

/** From one touch to the next, milliseconds: a queue at a busy door, not a benchmark. */
export const HUMAN_PACE: readonly [number, number] = [400, 1800];

/** From one laying of the target to the next, radians: the golden angle comes to no direction twice. */
const TURN = 2.4;

/** Touches are numbered from here, so that none repeats an impression that was enrolled. */
const FIRST_TOUCH = 1000;

export interface ArtificialSensorOptions {
  readonly seed: number;
  /** For people: what the sensor is called. */
  readonly name: string;
  readonly plate: Plate;
  readonly crew: Crew;
  readonly clock: Clock;
  /** Least and most milliseconds between touches. */
  readonly pace: readonly [number, number];
}

/** A sensor that people who never lived touch for ever, as unevenly as people do; the same touches for a seed. */
export class ArtificialSensor implements Sensor {
  readonly #options: ArtificialSensorOptions;
  readonly #random: Random;
  readonly #closing = new AbortController();
  #touches = 0;
  #laid: Laid = 'fingers';
  #turns = 0;

  constructor(options: ArtificialSensorOptions) {
    this.#options = options;
    this.#random = new Random(derive(options.seed, FIRST_TOUCH));
  }

  describe(): SensorDescription {
    const { name, plate, seed } = this.#options;
    const { width, height, dpi } = plate.model;
    return {
      ...{ model: `artificial ${name}`, serial: `seed ${seed}`, link: `artificial:${name}` },
      ...{ geometry: { width, height }, dpi },
    };
  }

  /** Lays on the plate what calibration asks for, until something else is laid there. */
  lay(laid: Laid): void {
    this.#laid = laid;
  }

  /** Waits as long as people let a door wait. */
  async waitForFinger(signal: AbortSignal): Promise<'finger'> {
    this.#expectOpen(signal);
    const { clock, pace } = this.#options;
    await clock.sleep(this.#random.between(pace[0], pace[1]), AbortSignal.any([signal, this.#closing.signal]));
    return 'finger';
  }

  /** The next touch, `origin` naming who it was and how; or what else lies there. */
  capture(signal: AbortSignal): Promise<Capture> {
    return new Promise((resolve) => {
      this.#expectOpen(signal);
      if (this.#laid !== 'fingers') {
        resolve({ kind: 'image', image: this.#drawLaid(this.#laid) });
        return;
      }
      const number = FIRST_TOUCH + this.#touches++;
      const character = nextVisitor(this.#options.crew, this.#random);
      const { image, condition } = this.#options.plate.touch(character.finger(), number);
      const origin = `${character.name}: ${condition} touch ${this.#touches}`;
      resolve({ kind: 'image', image, origin });
    });
  }

  waitForLift(): Promise<void> {
    return Promise.resolve();
  }

  showLamp(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#closing.abort(new SensorError('sensor.closed', 'the sensor has been closed'));
    return Promise.resolve();
  }

  #expectOpen(signal: AbortSignal): void {
    signal.throwIfAborted();
    this.#closing.signal.throwIfAborted();
  }

  #drawLaid(laid: Exclude<Laid, 'fingers'>): GrayImage {
    const { plate } = this.#options;
    // Nobody lays a target down twice the same way.
    return laid === 'target' ? plate.target(TURN * this.#turns++) : plate[laid]();
  }
}
