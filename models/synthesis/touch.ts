import { clamp, cosine, sine } from './arithmetic.ts';
import type { Placement, Point } from './deformation.ts';
import type { Finger } from './finger.ts';
import type { Random } from './random.ts';
import type { SensorModel } from './sensors.ts';

export type Condition = 'good' | 'dry' | 'wet' | 'light' | 'distorted' | 'partial' | 'dirty' | 'smeared';

/** How often each condition occurs in the default mix, percent. */
const MIX: readonly (readonly [Condition, number])[] = [
  ['good', 26],
  ['dry', 18],
  ['wet', 15],
  ['light', 9],
  ['distorted', 12],
  ['partial', 12],
  ['dirty', 5],
  ['smeared', 3],
];

/** Skin neither folds nor tears: slip as a part of the elastic ring's width, turn of the outer region in radians. */
const MOST_STRAIN = 0.27;
const MOST_TURN = 0.09;

/** Farther from the plate's middle, as a part of its size, nobody takes it for a touch. */
const MOST_AWAY = 0.4;

/** Beyond these no ridge is left to be seen: unit of relief, pixels. */
const MOST_DRYNESS = 2.8;
const MOST_SMEAR = 7;

export const CONDITIONS: readonly Condition[] = MIX.map(([condition]) => condition);

/** Everything about one touch that its person decides. Lengths in pixels at 500 dpi. */
export interface Touch {
  readonly condition: Condition;
  readonly placement: Placement;
  /** Half axes of the region that touches, in the finger's frame; the lower half may be longer. */
  readonly contact: { readonly centre: Point; readonly x: number; readonly up: number; readonly down: number };
  /** Added to the skin's relief before it meets the plate: positive presses valleys flat, negative lifts crests off. */
  readonly lift: number;
  /** Strength of the noise that breaks ridges into dots. */
  readonly dryness: number;
  /** Strength of the blotches that flood valleys. */
  readonly wetness: number;
  readonly dirt: number;
  readonly scratches: number;
  /** Distance that the finger slid while it was read, and its heading. */
  readonly smear: number;
  readonly smearHeading: number;
}

/**
 * @param severity 0 for a perfect touch every time, 1 for people at a door, 2 for people in a hurry
 */
export function drawTouch(
  finger: Finger,
  sensor: SensorModel,
  random: Random,
  mixSeverity: number,
  condition: Condition = MIX[random.weighted(MIX.map(([, weight]) => weight))]?.[0] ?? 'good',
): Touch {
  const { width, height } = finger.flow;
  // Most touches are fair, a few are careless.
  const luck = random.next();
  const severity = mixSeverity * (0.7 + 2.5 * luck * luck * luck);
  const is = (name: Condition): number => (condition === name ? 1 : 0);
  const scale = 500 / sensor.dpi;
  const aim: Point = {
    x: 0.5 * width + 7 * random.normal() * severity,
    y: 0.47 * height + 13 * random.normal() * severity,
  };
  const away = 0.13 * severity * (1 + 1.2 * is('partial'));
  const plate: Point = {
    x: sensor.width * scale * (0.5 + clamp(away * random.normal(), -MOST_AWAY, MOST_AWAY)),
    y: sensor.height * scale * (0.5 + clamp(away * random.normal(), -MOST_AWAY, MOST_AWAY)),
  };
  const heading = 2 * Math.PI * random.next();
  const innerX = random.between(45, 75);
  const innerY = random.between(55, 90);
  const ring = random.between(1, 1.6);
  const slip = Math.min(
    MOST_STRAIN * ring * innerX,
    severity * (random.between(2, 10) + is('distorted') * random.between(8, 18)),
  );
  const turn = severity * (0.04 + 0.06 * is('distorted')) * random.normal();
  const pressure = random.normal();
  return {
    condition,
    placement: {
      finger: aim,
      plate,
      rotation: severity * 0.24 * random.normal(),
      distortion: {
        centre: { x: aim.x + 18 * random.normal(), y: aim.y + 18 * random.normal() },
        innerX,
        innerY,
        ring,
        shift: { x: slip * cosine(heading), y: slip * sine(heading) },
        turn: clamp(turn, -MOST_TURN, MOST_TURN),
      },
    },
    contact: {
      centre: { x: aim.x + 9 * severity * random.normal(), y: aim.y + 10 * severity * random.normal() },
      x: random.between(108, 142) + 6 * pressure - is('light') * 18 - is('partial') * random.between(15, 45),
      up: random.between(135, 185) + 8 * pressure - is('light') * 25 - is('partial') * random.between(20, 60),
      down: random.between(160, 240) + 8 * pressure - is('light') * 35 - is('partial') * random.between(20, 70),
    },
    lift:
      0.12 * pressure * severity -
      is('dry') * random.between(0.25, 0.8) +
      is('wet') * random.between(0.4, 1) -
      is('light') * random.between(0.4, 0.9),
    dryness: Math.min(
      MOST_DRYNESS,
      severity * (random.between(0.2, 1.1) + is('dry') * random.between(0.8, 2) + is('light') * 0.4),
    ),
    wetness: severity * (random.between(0.1, 0.55) + is('wet') * random.between(0.3, 0.8)),
    dirt: Math.floor(severity * (random.between(0, 3) + is('dirty') * random.between(10, 40))),
    scratches: Math.floor(severity * (random.between(0, 1.3) + is('dirty') * random.between(2, 7))),
    smear: Math.min(MOST_SMEAR, is('smeared') * severity * random.between(3.5, 7)),
    smearHeading: 2 * Math.PI * random.next(),
  };
}
