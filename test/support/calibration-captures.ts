import type { CalibrationCaptures } from '../../calibration/sensor/captures.ts';
import type { Plate } from '../../device/sensor/artificial/plate.ts';
import type { Finger } from '../../models/synthesis/finger.ts';

/** What calibration asks for, of an artificial sensor; touches as people make them when asked to. */
export function calibrationCaptures(plate: Plate, fingers: readonly Finger[]): CalibrationCaptures {
  return {
    empty: [1, 2, 3].map(() => plate.empty()),
    full: [1, 2, 3].map(() => plate.full()),
    target: [0.1, 1.7].map((direction) => plate.target(direction)),
    fingers: fingers.map(
      (finger, number) => plate.touch(finger, 500 + number, { condition: 'good', severity: 0.7 }).image,
    ),
  };
}
