import { assess } from '../../device/imaging/assess.ts';
import type { GrayImage } from '../../device/imaging/gray-image.ts';
import { toWorkingResolution } from '../../device/imaging/resample.ts';
import { CalibrationError } from '../errors.ts';
import { STEPS, type CalibrationCaptures } from './captures.ts';
import { meanOf, median } from './fields.ts';

/** Grays between an empty plate and a covered one under which nothing has covered it, or the sensor is blind. */
const LEAST_ANSWER = 12;

/** Whether a finger can be seen, however badly. */
export function showsPrint(capture: GrayImage): boolean {
  return assess(toWorkingResolution(capture)).advice !== 'no-finger';
}

/**
 * Whether captures show what they are said to show, as far as there are any.
 *
 * @throws CalibrationError `calibration.uneven-captures`, `calibration.not-empty`, `calibration.not-covered`,
 *   `calibration.no-finger`
 */
export function checkCaptures(captures: CalibrationCaptures): void {
  const { empty, full, fingers } = captures;
  checkShapes(STEPS.flatMap((step) => captures[step]));
  if (empty.some(showsPrint))
    throw new CalibrationError(
      'calibration.not-empty',
      'the empty plate shows a print: clean it with a soft cloth, and lay nothing on it',
    );
  if (full.some(showsPrint))
    throw new CalibrationError(
      'calibration.not-covered',
      'the covered plate shows a print: cover it by something soft and damp without ridges, all over',
    );
  if (empty.length > 0 && full.length > 0 && median(differenceOf(meanOf(empty), meanOf(full))) < LEAST_ANSWER)
    throw new CalibrationError(
      'calibration.not-covered',
      'the covered plate looks like the empty one: cover it all over by something soft and damp; if it was, the sensor is blind',
    );
  if (fingers.length > 0 && !fingers.some(showsPrint))
    throw new CalibrationError(
      'calibration.no-finger',
      'no touch shows a finger: touch the middle of the plate with a clean finger; if you did, the sensor is blind',
    );
}

function checkShapes(all: readonly GrayImage[]): void {
  const other = all.find(
    ({ width, height, dpi }) => width !== all[0].width || height !== all[0].height || dpi !== all[0].dpi,
  );
  if (other !== undefined)
    throw new CalibrationError(
      'calibration.uneven-captures',
      `captures of one sensor have one size: ${shapeOf(all[0])} and ${shapeOf(other)} are two`,
    );
}

function shapeOf({ width, height, dpi }: GrayImage): string {
  return `${width} × ${height} at ${dpi} dpi`;
}

function differenceOf(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, at) => Math.abs(value - b[at]));
}
