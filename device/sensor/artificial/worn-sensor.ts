import { Random } from '../../../models/synthesis/random.ts';
import { sensorModel } from '../../../models/synthesis/sensors.ts';
import { Plate, type Defects } from './plate.ts';

const MODEL = sensorModel('optical');
const PLACES = 7;

/** Where a worn sensor's pixels are dead: half of them dark, half bright. */
export const WORN_DEAD: ReadonlyMap<number, number> = plantDead(12);

/** Its lamp has grown dim on one side, a dozen pixels are dead, and it sees everything 3 % larger than it says. */
export const WORN: Defects = { gain: [0.3, 1], dead: WORN_DEAD, scale: 1.03 };

/** An optical sensor after years at a door: what calibration is tried on without hardware. */
export function wornPlate(): Plate {
  return new Plate(MODEL, WORN);
}

function plantDead(count: number): Map<number, number> {
  const random = new Random(PLACES);
  const dead = new Map<number, number>();
  while (dead.size < count) dead.set(random.below(MODEL.width * MODEL.height), dead.size % 2 === 0 ? 0 : 255);
  return dead;
}
