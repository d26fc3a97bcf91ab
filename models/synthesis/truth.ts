import type { GrayImage } from '../../device/imaging/gray-image.ts';
import { arctangent2, clamp, cosine, sine } from './arithmetic.ts';
import type { Deformation, Point } from './deformation.ts';
import type { Finger, FingerIdentity } from './finger.ts';
import type { TrueMinutia } from './minutiae.ts';
import type { SensorModel } from './sensors.ts';
import type { Touch } from './touch.ts';

/** Everything that is true of an impression. All points are pixels of its picture, y down. */
export class ImpressionTruth {
  readonly identity: FingerIdentity;
  readonly touch: Touch;
  /** Those that lie under the finger and inside the picture. */
  readonly minutiae: readonly TrueMinutia[];
  /** 1 where the finger touched, row by row as the picture. */
  readonly mask: Uint8Array;
  readonly #finger: Finger;
  readonly #sensor: SensorModel;
  readonly #deformation: Deformation;
  /** Pixels at 500 dpi to a pixel of the picture. */
  readonly #scale: number;

  constructor(
    finger: Finger,
    sensor: SensorModel,
    touch: Touch,
    deformation: Deformation,
    plateWidth: number,
    plateHeight: number,
    plateMask: Uint8Array,
  ) {
    this.identity = finger.identity;
    this.touch = touch;
    this.#finger = finger;
    this.#sensor = sensor;
    this.#deformation = deformation;
    this.#scale = 500 / sensor.dpi;
    this.mask = new Uint8Array(sensor.width * sensor.height);
    for (let y = 0; y < sensor.height; y++)
      for (let x = 0; x < sensor.width; x++) {
        const px = Math.min(plateWidth - 1, Math.floor((x + 0.5) * this.#scale));
        const py = Math.min(plateHeight - 1, Math.floor((y + 0.5) * this.#scale));
        this.mask[y * sensor.width + x] = plateMask[py * plateWidth + px];
      }
    this.minutiae = finger.minutiae.flatMap((minutia) => {
      const at = this.fromFinger(minutia.x, minutia.y);
      const column = Math.floor(at.x + 0.5);
      const row = Math.floor(at.y + 0.5);
      if (column < 0 || row < 0 || column >= sensor.width || row >= sensor.height) return [];
      if (this.mask[row * sensor.width + column] === 0) return [];
      const ahead = this.fromFinger(minutia.x + cosine(minutia.direction), minutia.y - sine(minutia.direction));
      const direction = arctangent2(at.y - ahead.y, ahead.x - at.x);
      return [{ ...at, direction: direction < 0 ? direction + 2 * Math.PI : direction, type: minutia.type }];
    });
  }

  /** The point of the finger (its own pixels at 500 dpi) that a point of the picture shows. */
  toFinger(x: number, y: number): Point {
    return this.#deformation.toFinger(x * this.#scale, y * this.#scale);
  }

  /** Where in the picture's plane a point of the finger lies (it may be outside the picture). */
  fromFinger(x: number, y: number): Point {
    const plate = this.#deformation.toPlate(x, y);
    return { x: plate.x / this.#scale, y: plate.y / this.#scale };
  }

  /** Where another impression of the same finger shows what this one shows at a point. */
  corresponding(other: ImpressionTruth, x: number, y: number): Point {
    const skin = this.toFinger(x, y);
    return other.fromFinger(skin.x, skin.y);
  }

  /** What a perfect sensor would have seen of the same touch: the bent ridges without blemish, white elsewhere. */
  cleanPrint(): GrayImage {
    const { width, height, dpi } = this.#sensor;
    const { ridges, flow } = this.#finger;
    const pixels = new Uint8Array(width * height).fill(255);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        if (this.mask[y * width + x] === 0) continue;
        const skin = this.toFinger(x, y);
        const ix = clamp(Math.floor(skin.x), 0, flow.width - 2);
        const iy = clamp(Math.floor(skin.y), 0, flow.height - 2);
        const i = iy * flow.width + ix;
        const u = skin.x - ix;
        const above = ridges[i] + (ridges[i + 1] - ridges[i]) * u;
        const under = ridges[i + flow.width] + (ridges[i + flow.width + 1] - ridges[i + flow.width]) * u;
        const height = above + (under - above) * (skin.y - iy);
        pixels[y * width + x] = clamp(Math.floor(128 - 127 * height), 0, 255);
      }
    return { width, height, dpi, pixels };
  }

  /** Direction of the ridges at a point of the picture: radians in [0, π), counter-clockwise as seen. */
  orientationAt(x: number, y: number): number {
    const skin = this.toFinger(x, y);
    const along = this.#finger.flow.orientationAt(skin.x, skin.y);
    const from = this.fromFinger(skin.x - cosine(along), skin.y - sine(along));
    const to = this.fromFinger(skin.x + cosine(along), skin.y + sine(along));
    const angle = arctangent2(from.y - to.y, to.x - from.x);
    return angle < 0 ? angle + Math.PI : angle >= Math.PI ? angle - Math.PI : angle;
  }

  /** Distance from ridge to ridge at a point of the picture, pixels of the picture. */
  periodAt(x: number, y: number): number {
    const skin = this.toFinger(x, y);
    const along = this.#finger.flow.orientationAt(skin.x, skin.y);
    const period = this.#finger.flow.periodAt(skin.x, skin.y);
    // The period is measured across the ridges: what the deformation does to the area, divided by what it does along.
    const left = this.fromFinger(skin.x - cosine(along), skin.y - sine(along));
    const right = this.fromFinger(skin.x + cosine(along), skin.y + sine(along));
    const up = this.fromFinger(skin.x + sine(along), skin.y - cosine(along));
    const down = this.fromFinger(skin.x - sine(along), skin.y + cosine(along));
    const ax = right.x - left.x;
    const ay = right.y - left.y;
    const cross = ax * (down.y - up.y) - ay * (down.x - up.x);
    return (period * 0.5 * (cross < 0 ? -cross : cross)) / Math.sqrt(ax * ax + ay * ay);
  }
}
