import { drawImpression } from '../../../../models/synthesis/impression.ts';
import { derive, Random } from '../../../../models/synthesis/random.ts';
import type { SensorModel } from '../../../../models/synthesis/sensors.ts';
import type { Clock } from '../../../clock.ts';
import { gatherCrew, nextVisitor, type Character, type Crew } from '../../artificial/crew.ts';
import type { ModuleActivity } from './simulated-module.ts';

/** So many of the staff enrol: it should not take all morning. */
const STAFF = 3;

/** With a technician watching, as at any artificial sensor. */
const ENROLMENT_SEVERITY = 0.7;

/** Who enrols touches until the ring was blue so often, or so often where there is no ring. */
const GOOD_TOUCHES = 4;
const TOUCHES_WITHOUT_RING = 6;
const MOST_TOUCHES = 10;

/** Nobody holds out a finger longer than this, nor comes to a terminal that did not ask for one lately. */
const PATIENCE_MS = 8_000;
const DESERTED_MS = 3_000;

/** A finger stays a moment after its picture was taken; the next one comes so long after everything was done. */
const HOLD_MS: readonly [number, number] = [200, 600];
const PAUSE_MS: readonly [number, number] = [700, 1_500];
const LOOK_MS = 25;

const BLUE = 2;
const COLOUR_AT = 2;

/** A touch, as whoever simulates it knows it. */
export interface SimulatedTouch {
  readonly name: string;
  readonly number: number;
  readonly purpose: 'enrolment' | 'visit';
}

export interface SimulatedPeopleOptions {
  readonly seed: number;
  readonly model: SensorModel;
  readonly clock: Clock;
  /** What the module before them does. */
  readonly activity: () => ModuleActivity;
  readonly onTouch: (touch: SimulatedTouch) => void;
}

/** People who never lived, before a module: they watch its ring, hold out a finger, and go on when all is done. */
export class SimulatedPeople {
  readonly #options: SimulatedPeopleOptions;
  readonly #crew: Crew;
  readonly #random: Random;
  #touches = 0;
  #finger: Uint8Array | undefined;

  constructor(options: SimulatedPeopleOptions) {
    this.#options = options;
    const { staff, wrongFingers, strangers } = gatherCrew(options.seed);
    this.#crew = { staff: staff.slice(0, STAFF), wrongFingers: wrongFingers.slice(0, STAFF), strangers };
    this.#random = new Random(derive(options.seed, 0x91));
  }

  /** Who can enrol. */
  get names(): string[] {
    return this.#crew.staff.map(({ name }) => name);
  }

  /** What lies on the sensor now. */
  readonly finger = (): Uint8Array | undefined => this.#finger;

  /** The staff enrol one after the other, then everybody comes and goes. */
  async come(signal: AbortSignal): Promise<never> {
    for (const character of this.#crew.staff) await this.#enrol(character, signal);
    for (;;) await this.#touch(nextVisitor(this.#crew, this.#random), 'visit', signal);
  }

  /**
   * One touch of somebody who is called for: a name of the staff, with ’s other finger behind it, or `stranger 1`.
   *
   * @returns false where nobody has that name
   */
  async call(name: string, signal: AbortSignal): Promise<boolean> {
    const { staff, wrongFingers, strangers } = this.#crew;
    const plain = name.toLowerCase().replaceAll("'", '’');
    const character = [...staff, ...wrongFingers, ...strangers].find((one) => one.name.toLowerCase() === plain);
    if (character === undefined) return false;
    // Whom somebody calls by hand touches as carefully as at enrolment.
    await this.#touch(character, 'enrolment', signal);
    return true;
  }

  async #enrol(character: Character, signal: AbortSignal): Promise<void> {
    let blue = 0;
    for (let touches = 1; touches <= MOST_TOUCHES; touches++) {
      blue += (await this.#touch(character, 'enrolment', signal)) ? 1 : 0;
      const hasRing = this.#options.activity().aura.length > 0;
      if (hasRing ? blue >= GOOD_TOUCHES : touches >= TOUCHES_WITHOUT_RING) return;
    }
  }

  /** @returns whether the ring was blue afterwards */
  async #touch(character: Character, purpose: SimulatedTouch['purpose'], signal: AbortSignal): Promise<boolean> {
    const { model, clock, activity, onTouch } = this.#options;
    const until = async (done: () => boolean, most: number): Promise<boolean> => {
      const latest = clock.monotonic() + most;
      while (!done() && clock.monotonic() < latest) await clock.sleep(LOOK_MS, signal);
      return done();
    };
    await until(() => clock.monotonic() - activity().askedAt < DESERTED_MS, Infinity);
    const number = this.#touches++;
    const care = purpose === 'enrolment' ? ({ condition: 'good', severity: ENROLMENT_SEVERITY } as const) : {};
    const { image } = drawImpression(character.finger(), model, number, care);
    onTouch({ name: character.name, number: number + 1, purpose });
    const { taken, sent } = activity();
    this.#finger = image.pixels;
    try {
      await until(() => activity().taken > taken, PATIENCE_MS);
      await clock.sleep(this.#random.between(...HOLD_MS), signal);
    } finally {
      this.#finger = undefined;
    }
    let blue = false;
    const watch = (): void => {
      const { aura } = activity();
      blue ||= aura[0] !== 4 && aura[COLOUR_AT] === BLUE;
    };
    await until(() => activity().sent > sent && !activity().sending, PATIENCE_MS);
    const end = clock.monotonic() + this.#random.between(...PAUSE_MS);
    await until(() => {
      watch();
      return clock.monotonic() >= end;
    }, Infinity);
    return blue;
  }
}
