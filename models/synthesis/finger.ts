import { RidgeGrower } from './growth.ts';
import { shapeMinutiae, type TrueMinutia } from './minutiae.ts';
import { drawFlow, type Flow } from './pattern.ts';
import { derive, Random } from './random.ts';
import { carveSkin, type Skin } from './relief.ts';

/** Changes whenever the same seed would give other bytes. */
export const GENERATOR_VERSION = 1;

/** What a finger is: with the generator's version it is the finger. */
export interface FingerIdentity {
  readonly seed: number;
  /** 0, or the number of a finger that shares flow and shape with it but has ridges of its own. */
  readonly sibling: number;
}

/** A fingertip that never belonged to anybody. Pixels at 500 dpi, y down. */
export interface Finger extends Skin {
  readonly identity: FingerIdentity;
  readonly flow: Flow;
  readonly minutiae: readonly TrueMinutia[];
}

export interface FingerOptions {
  readonly sibling?: number;
  /** Size of the skin grown, pixels. */
  readonly width?: number;
  readonly height?: number;
}

/** Skin of a fingertip: 18.7 × 23.6 mm, a little more than any sensor sees of it at once. */
const WIDTH = 368;
const HEIGHT = 464;

const FLOW = 1;
const FAMILY = 2;
const RIDGES = 1;
const SHAPES = 2;
const SKIN = 3;

/** Its memory is only scratch space: nothing of one finger reaches the next. */
let grower: RidgeGrower | undefined;

/**
 * Grows the finger of a seed: the same on every machine.
 *
 * @param seed 32-bit number; different seeds are different fingers
 */
export function growFinger(seed: number, options: FingerOptions = {}): Finger {
  const { sibling = 0, width = WIDTH, height = HEIGHT } = options;
  const flow = drawFlow(derive(seed, FLOW), width, height);
  const own = derive(derive(seed, FAMILY), sibling);
  const wave = (grower ??= new RidgeGrower()).grow(flow, derive(own, RIDGES), 12 + new Random(own).below(9));
  const minutiae = shapeMinutiae(wave, flow, derive(own, SHAPES));
  return { identity: { seed, sibling }, flow, minutiae, ...carveSkin(wave, flow, derive(own, SKIN)) };
}
