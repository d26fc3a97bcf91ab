import { drawImpression } from '../../../models/synthesis/impression.ts';
import { derive, Random } from '../../../models/synthesis/random.ts';
import type { SensorModel } from '../../../models/synthesis/sensors.ts';
import type { Clock } from '../../clock.ts';
import { SensorError } from '../errors.ts';
import type { Capture, Sensor, SensorDescription } from '../sensor.ts';
import { nextVisitor, type Crew } from './crew.ts';

/** From one touch to the next, milliseconds: a queue at a busy door, not a benchmark. */
export const HUMAN_PACE: readonly [number, number] = [400, 1800];

/** Touches are numbered from here, so that none repeats an impression that was enrolled. */
const FIRST_TOUCH = 1000;

export interface ArtificialSensorOptions {
  readonly seed: number;
  readonly model: SensorModel;
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

  constructor(options: ArtificialSensorOptions) {
    this.#options = options;
    this.#random = new Random(derive(options.seed, FIRST_TOUCH));
  }

  describe(): SensorDescription {
    const { model, seed } = this.#options;
    const { width, height, dpi } = model;
    return {
      ...{ model: `artificial ${model.name}`, serial: `seed ${seed}`, link: `artificial:${model.name}` },
      ...{ geometry: { width, height }, dpi },
    };
  }

  /** Waits as long as people let a door wait. */
  async waitForFinger(signal: AbortSignal): Promise<'finger'> {
    this.#expectOpen(signal);
    const { clock, pace } = this.#options;
    await clock.sleep(this.#random.between(pace[0], pace[1]), AbortSignal.any([signal, this.#closing.signal]));
    return 'finger';
  }

  /** The next touch; `origin` names who it was and how. */
  capture(signal: AbortSignal): Promise<Capture> {
    return new Promise((resolve) => {
      this.#expectOpen(signal);
      const number = FIRST_TOUCH + this.#touches++;
      const character = nextVisitor(this.#options.crew, this.#random);
      const { image, truth } = drawImpression(character.finger(), this.#options.model, number);
      const origin = `${character.name}: ${truth.touch.condition} touch ${this.#touches}`;
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
}
