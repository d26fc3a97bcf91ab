import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { drawImpression } from '../impression.ts';
import { sensorModel } from '../sensors.ts';
import { npy } from './npy.ts';
import { fingersOf, growMember, type DatasetPlan } from './plan.ts';
import { writeWhole } from './png-unit.ts';

/** Side of the cells at whose centres the fields of a shard are given, pixels of the picture. */
const CELL = 8;
/** The most minutiae of an impression in a shard; the rest of its rows is NaN. */
const MINUTIAE = 160;

/**
 * Writes a unit's impressions as arrays, one file each, the same impression at the same index in all:
 * - `images-<unit>.npy` u1 [n, height, width], and `clean-<unit>.npy`, the same touch without blemish
 * - `identity-<unit>.npy` i4 [n, 4]: finger (from 0), family, sibling, impression
 * - `skin-<unit>.npy` f4 [n, 2, height / 8, width / 8]: x and y of the finger's skin at each cell's centre (two
 *   impressions of a finger show the same skin where these agree), NaN where the finger does not touch
 * - `flow-<unit>.npy` f4 [n, 2, height / 8, width / 8]: ridge orientation (radians, counter-clockwise) and period
 * - `minutiae-<unit>.npy` f4 [n, 160, 4]: x, y, direction, 1 for an ending or 0, best read until the first NaN
 *
 * @returns the SHA-256 of all files in this order, hexadecimal
 */
export async function writeShardUnit(plan: DatasetPlan, directory: string, unit: number): Promise<string> {
  const sensor = sensorModel(plan.sensor);
  const { width, height } = sensor;
  const fingers = fingersOf(plan, unit);
  const n = fingers.length * plan.impressions;
  const columns = Math.floor(width / CELL);
  const rows = Math.floor(height / CELL);
  const plane = columns * rows;
  const images = new Uint8Array(n * width * height);
  const clean = new Uint8Array(n * width * height);
  const identity = new Int32Array(n * 4);
  const skin = new Float32Array(n * 2 * plane).fill(NaN);
  const flow = new Float32Array(n * 2 * plane).fill(NaN);
  const minutiae = new Float32Array(n * MINUTIAE * 4).fill(NaN);

  let at = 0;
  for (const number of fingers) {
    const finger = growMember(plan, number);
    for (let i = 0; i < plan.impressions; i++, at++) {
      const { image, truth } = drawImpression(finger, sensor, i, { severity: plan.severity });
      images.set(image.pixels, at * width * height);
      clean.set(truth.cleanPrint().pixels, at * width * height);
      identity.set([number, Math.floor(number / (plan.siblings + 1)), truth.identity.sibling, i], at * 4);
      for (let cell = 0; cell < plane; cell++) {
        const x = CELL * (cell % columns) + CELL / 2;
        const y = CELL * Math.floor(cell / columns) + CELL / 2;
        if (truth.mask[y * width + x] === 0) continue;
        const point = truth.toFinger(x, y);
        skin[2 * at * plane + cell] = point.x;
        skin[(2 * at + 1) * plane + cell] = point.y;
        flow[2 * at * plane + cell] = truth.orientationAt(x, y);
        flow[(2 * at + 1) * plane + cell] = truth.periodAt(x, y);
      }
      truth.minutiae.slice(0, MINUTIAE).forEach(({ x, y, direction, type }, m) => {
        minutiae.set([x, y, direction, type === 'ending' ? 1 : 0], (at * MINUTIAE + m) * 4);
      });
    }
  }

  const field = [n, 2, rows, columns];
  const files: readonly (readonly [string, Uint8Array])[] = [
    ['images', npy('|u1', [n, height, width], images)],
    ['clean', npy('|u1', [n, height, width], clean)],
    ['identity', npy('<i4', [n, 4], identity)],
    ['skin', npy('<f4', field, skin)],
    ['flow', npy('<f4', field, flow)],
    ['minutiae', npy('<f4', [n, MINUTIAE, 4], minutiae)],
  ];
  const hash = createHash('sha256');
  for (const [name, file] of files) {
    hash.update(file);
    await writeWhole(join(directory, `${name}-${String(unit).padStart(5, '0')}.npy`), file);
  }
  return hash.digest('hex');
}
