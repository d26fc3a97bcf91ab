import type { GrayImage } from '../../device/imaging/gray-image.ts';
import { clamp, cosine, sine } from './arithmetic.ts';
import { Deformation } from './deformation.ts';
import type { Finger } from './finger.ts';
import { addNoise } from './noise.ts';
import { derive, mix, Random } from './random.ts';
import { exposeSensor } from './exposure.ts';
import type { SensorModel } from './sensors.ts';
import { drawTouch, type Condition } from './touch.ts';
import { ImpressionTruth } from './truth.ts';

/** One touch of a finger as a sensor sees it, with everything that is true of it. */
export interface Impression {
  /** Dark ridges on light; the sensor's own size and resolution. */
  readonly image: GrayImage;
  readonly truth: ImpressionTruth;
}

export interface ImpressionOptions {
  /** Drawn from the default mix when left out. */
  readonly condition?: Condition;
  /** 0 (perfect) to 2 (people in a hurry); 1 is people at a door. */
  readonly severity?: number;
  /** Which sensor of the model: each has a fixed pattern of its own. */
  readonly unit?: number;
}

const TOUCH = 1;
const EDGE = 2;
const DRY_FINE = 3;
const DRY_COARSE = 4;
const WET = 5;
const PRESS = 6;
const MARKS = 7;
const EXPOSURE = 8;
const WET_FINE = 9;

/** Side of the squares inside which the deformation is blended linearly (error below 0.1 px). */
const GRID = 8;

/** Puts a finger on a sensor: the same picture on every machine for the same finger, sensor, seed and options. */
export function drawImpression(
  finger: Finger,
  sensor: SensorModel,
  seed: number,
  options: ImpressionOptions = {},
): Impression {
  const { severity = 1, unit = 1 } = options;
  const own = derive(
    derive(derive(finger.identity.seed, finger.identity.sibling), seed),
    mix(sensor.width * 4096 + sensor.height),
  );
  const touch = drawTouch(finger, sensor, new Random(derive(own, TOUCH)), severity, options.condition);
  const deformation = new Deformation(touch.placement);
  const width = Math.round((sensor.width * 500) / sensor.dpi);
  const height = Math.round((sensor.height * 500) / sensor.dpi);

  const lift = new Float32Array(width * height);
  const edge = new Float32Array(width * height);
  addNoise(edge, width, height, 34, derive(own, EDGE), 0.14);
  addNoise(lift, width, height, 2.4, derive(own, DRY_FINE), touch.dryness);
  addNoise(lift, width, height, 9, derive(own, DRY_COARSE), 0.9 * touch.dryness);
  // Dryness takes contact from the crests; it hardly brings any to the valleys.
  for (let i = 0; i < lift.length; i++) if (lift[i] > 0) lift[i] *= 0.4;
  addNoise(lift, width, height, 26, derive(own, WET), touch.wetness);
  addNoise(lift, width, height, 13, derive(own, WET_FINE), 0.6 * touch.wetness);
  addNoise(lift, width, height, 60, derive(own, PRESS), 0.25 * severity);
  markPlate(lift, width, height, touch.dirt, touch.scratches, new Random(derive(own, MARKS)));

  const ink = new Float32Array(width * height);
  const mask = new Uint8Array(width * height);
  press(finger, deformation, touch.contact, touch.lift, sensor.look.softness, width, height, lift, edge, ink, mask);
  const picture = touch.smear > 0 ? smeared(ink, width, height, touch.smear, touch.smearHeading) : ink;
  const image = exposeSensor(picture, mask, width, height, sensor, new Random(derive(own, EXPOSURE)), unit);
  return { image, truth: new ImpressionTruth(finger, sensor, touch, deformation, width, height, mask) };
}

/** Where the bent skin meets the plate: `ink` 0…1, and `mask` 1 under the finger. */
function press(
  finger: Finger,
  deformation: Deformation,
  contact: {
    readonly centre: { readonly x: number; readonly y: number };
    readonly x: number;
    readonly up: number;
    readonly down: number;
  },
  baseLift: number,
  softness: number,
  width: number,
  height: number,
  lift: Float32Array,
  edge: Float32Array,
  ink: Float32Array,
  mask: Uint8Array,
): void {
  const { relief, flow } = finger;
  const columns = Math.ceil(width / GRID) + 1;
  const rows = Math.ceil(height / GRID) + 1;
  const gridX = new Float32Array(columns * rows);
  const gridY = new Float32Array(columns * rows);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const point = deformation.toFinger(c * GRID, r * GRID);
      gridX[r * columns + c] = point.x;
      gridY[r * columns + c] = point.y;
    }
  const inverseX = 1 / (contact.x * contact.x);
  const inverseUp = 1 / (contact.up * contact.up);
  const inverseDown = 1 / (contact.down * contact.down);
  for (let y = 0; y < height; y++) {
    const r = Math.floor(y / GRID);
    const v = y / GRID - r;
    for (let c = 0; c < columns - 1; c++) {
      const g = r * columns + c;
      let fx = gridX[g] + (gridX[g + columns] - gridX[g]) * v;
      let fy = gridY[g] + (gridY[g + columns] - gridY[g]) * v;
      const stepX = (gridX[g + 1] + (gridX[g + 1 + columns] - gridX[g + 1]) * v - fx) / GRID;
      const stepY = (gridY[g + 1] + (gridY[g + 1 + columns] - gridY[g + 1]) * v - fy) / GRID;
      const end = Math.min(width, (c + 1) * GRID);
      for (let x = c * GRID; x < end; x++, fx += stepX, fy += stepY) {
        const i = y * width + x;
        const dx = fx - contact.centre.x;
        const dy = fy - contact.centre.y;
        const outside = dx * dx * inverseX + dy * dy * (dy < 0 ? inverseUp : inverseDown) + edge[i];
        if (outside > 1.35) continue;
        const ix = Math.floor(fx);
        const iy = Math.floor(fy);
        if (ix < 0 || iy < 0 || ix + 1 >= flow.width || iy + 1 >= flow.height) continue;
        const j = iy * flow.width + ix;
        const u = fx - ix;
        const above = relief[j] + (relief[j + 1] - relief[j]) * u;
        const under = relief[j + flow.width] + (relief[j + flow.width + 1] - relief[j + flow.width]) * u;
        // Pressure falls towards the rim: crests touch last.
        const rim = outside > 0.55 ? outside - 0.55 : 0;
        const touching = above + (under - above) * (iy === fy ? 0 : fy - iy) + lift[i] + baseLift - 3.4 * rim * rim;
        const t = clamp(0.5 + (0.5 * touching) / softness, 0, 1);
        ink[i] = t * t * (3 - 2 * t);
        if (outside < 1.05) mask[i] = 1;
      }
    }
  }
}

/** Dirt keeps skin off the plate or fills it; scratches in the plate stay empty. */
function markPlate(
  lift: Float32Array,
  width: number,
  height: number,
  dirt: number,
  scratches: number,
  random: Random,
): void {
  const blot = (x: number, y: number, radius: number, amount: number): void => {
    for (let r = Math.max(0, Math.ceil(y - radius)); r < height && r <= y + radius; r++)
      for (let c = Math.max(0, Math.ceil(x - radius)); c < width && c <= x + radius; c++) {
        const rest = 1 - ((c - x) * (c - x) + (r - y) * (r - y)) / (radius * radius);
        if (rest > 0) lift[r * width + c] += amount * rest;
      }
  };
  for (let i = 0; i < dirt; i++) {
    const x = width * random.next();
    const y = height * random.next();
    const amount = random.chance(0.6) ? -2.5 : 2;
    for (let part = 0; part < 3; part++)
      blot(x + 3 * random.normal(), y + 3 * random.normal(), random.between(1.5, 5), amount);
  }
  for (let i = 0; i < scratches; i++) {
    let x = width * random.next();
    let y = height * random.next();
    let heading = 2 * Math.PI * random.next();
    const length = random.between(20, 120);
    const girth = random.between(0.8, 1.8);
    for (let walked = 0; walked < length; walked += 0.8) {
      blot(x, y, girth, -1.6);
      heading += 0.02 * random.normal();
      x += 0.8 * cosine(heading);
      y += 0.8 * sine(heading);
    }
  }
}

function smeared(ink: Float32Array, width: number, height: number, length: number, heading: number): Float32Array {
  const out = new Float32Array(ink.length);
  const steps = Math.ceil(length);
  for (let s = 0; s <= steps; s++) {
    const ox = Math.round((s - steps / 2) * cosine(heading));
    const oy = Math.round((s - steps / 2) * sine(heading));
    for (let y = 0; y < height; y++) {
      const row = clamp(y + oy, 0, height - 1) * width;
      for (let x = 0; x < width; x++) out[y * width + x] += ink[row + clamp(x + ox, 0, width - 1)] / (steps + 1);
    }
  }
  return out;
}
