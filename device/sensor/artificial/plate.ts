import { exposeSensor } from '../../../models/synthesis/exposure.ts';
import type { Finger } from '../../../models/synthesis/finger.ts';
import { drawImpression, type ImpressionOptions } from '../../../models/synthesis/impression.ts';
import { derive, Random } from '../../../models/synthesis/random.ts';
import type { SensorModel } from '../../../models/synthesis/sensors.ts';
import type { Condition } from '../../../models/synthesis/touch.ts';
import type { GrayImage } from '../../imaging/gray-image.ts';
import { toWorkingResolution } from '../../imaging/resample.ts';

/** What is wrong with an artificial sensor. */
export interface Defects {
  /** The answer to skin at the left edge and at the right one, as a part of a good sensor's. */
  readonly gain?: readonly [left: number, right: number];
  /** What each dead pixel shows, whatever lies on it. */
  readonly dead?: ReadonlyMap<number, number>;
  readonly deadColumns?: readonly number[];
  /** The true resolution as a part of the claimed one: 1.03 sees everything 3 % larger than it says. */
  readonly scale?: number;
  /** Columns at the left where nothing can be seen. */
  readonly blind?: number;
  /** Bright ridges on dark. */
  readonly inverted?: boolean;
}

/** From line to line of the ruled target, mm. */
export const TARGET_PITCH = 1;

/** The most that a sensor may see larger than it says: so much more of a scene is drawn around it. */
const MOST_SCALE = 1.1;
/** How abruptly the target's lines begin, in parts of a period: as optics see them. */
const LINE_EDGE = 8;
/** Grays of dead columns and of blind ones. */
const DEAD_COLUMN_GRAY = 255;
const BLIND_GRAY = 4;
const PLATE = 0x91a7e;

/** The plate of an artificial sensor, and how it sees what lies there: through its defects. */
export class Plate {
  readonly model: SensorModel;
  readonly #defects: Defects;
  /** What is drawn: more than the sensor's window, where it sees another part than it says. */
  readonly #scene: SensorModel;
  #pictures = 0;

  constructor(model: SensorModel, defects: Defects = {}) {
    this.model = model;
    this.#defects = defects;
    const wide = (side: number): number => 2 * Math.ceil((side * MOST_SCALE) / 2);
    this.#scene =
      defects.scale === undefined ? model : { ...model, width: wide(model.width), height: wide(model.height) };
  }

  touch(
    finger: Finger,
    seed: number,
    options: ImpressionOptions = {},
  ): { readonly image: GrayImage; readonly condition: Condition } {
    const { image, truth } = drawImpression(finger, this.#scene, seed, options);
    return { image: this.#seen(image), condition: truth.touch.condition };
  }

  /** Nothing on it. */
  empty(): GrayImage {
    return this.#covered(() => 0);
  }

  /** Something soft and damp that touches everywhere. */
  full(): GrayImage {
    return this.#covered(() => 1);
  }

  /** Lines of `TARGET_PITCH`, half ink, half none. @param direction across them, radians from x towards y */
  target(direction: number): GrayImage {
    const [c, s] = [Math.cos(direction), Math.sin(direction)];
    const turn = (2 * Math.PI * 25.4) / (TARGET_PITCH * 500);
    return this.#covered((x, y) => Math.min(1, Math.max(0, 0.5 + LINE_EDGE * Math.sin(turn * (c * x + s * y)))));
  }

  /** @param inkAt contact, 0 to 1, at a place in pixels of 500 dpi */
  #covered(inkAt: (x: number, y: number) => number): GrayImage {
    const { width, height, dpi } = this.#scene;
    const [across, down] = [width, height].map((side) => Math.round((side * 500) / dpi));
    const ink = Float32Array.from({ length: across * down }, (_, at) => inkAt(at % across, Math.floor(at / across)));
    const random = new Random(derive(PLATE, this.#pictures++));
    const under = new Uint8Array(ink.length).fill(1);
    return this.#seen(exposeSensor(ink, under, across, down, this.#scene, random, 1));
  }

  #seen(scene: GrayImage): GrayImage {
    const { scale } = this.#defects;
    const { width, height, dpi } = this.model;
    const scaled = scale === undefined ? scene : toWorkingResolution({ ...scene, dpi: 500 / scale });
    const [left, top] = [(scaled.width - width) >> 1, (scaled.height - height) >> 1];
    const pixels = Uint8Array.from({ length: width * height }, (_, at) =>
      this.#answer(scaled.pixels[(top + Math.floor(at / width)) * scaled.width + left + (at % width)], at),
    );
    return { width, height, dpi, pixels };
  }

  #answer(gray: number, at: number): number {
    const { gain: [weak, strong] = [1, 1], dead, deadColumns = [], blind = 0, inverted = false } = this.#defects;
    const x = at % this.model.width;
    const stuck = dead?.get(at) ?? (deadColumns.includes(x) ? DEAD_COLUMN_GRAY : x < blind ? BLIND_GRAY : undefined);
    if (stuck !== undefined) return stuck;
    const answered = Math.round(gray * (weak + ((strong - weak) * x) / this.model.width));
    return inverted ? 255 - answered : answered;
  }
}
