import { assess } from '../../device/imaging/assess.ts';
import type { GrayImage } from '../../device/imaging/gray-image.ts';
import { inverted, polarityOf, type Polarity } from '../../device/imaging/polarity.ts';
import { toWorkingResolution } from '../../device/imaging/resample.ts';
import { applyProfile, type SensorProfile } from '../../device/imaging/sensor-profile.ts';
import { CalibrationError } from '../errors.ts';
import { checkCaptures } from './check-captures.ts';
import { STEPS, type CalibrationCaptures } from './captures.ts';
import { findDeadPixels, type DeadPixels } from './dead-pixels.ts';
import { fieldsOfTouches } from './fields-of-touches.ts';
import { deviationOf, meanOf, median } from './fields.ts';
import { measureGain, usableArea, type Gain } from './gain.ts';
import { resolutionByRidges, type RidgeResolution } from './ridge-resolution.ts';
import { measureTarget } from './ruled-target.ts';

/** Where only an empty plate was seen, skin's gray as a part of the empty plate's. */
const USUAL_FULL_SHARE = 0.2;

/** What was found out about a sensor. */
export interface SensorFindings {
  readonly claimedDpi: number;
  readonly polarity: Polarity;
  /** How the fields were found: seen, or drawn through touches. */
  readonly fields: 'empty and full' | 'empty only' | 'touches' | 'none';
  /** As the sensor gives its captures, and after correction. */
  readonly gain?: Gain;
  readonly gainAfter?: Gain;
  readonly dead: DeadPixels;
  /** Standard deviation of a pixel from one capture of the empty plate to the next, grays. */
  readonly noise?: number;
  /** By the ruled target: its mean, and how far its captures differ, in percent. */
  readonly target?: { readonly dpi: number; readonly spread: number; readonly captures: number };
  readonly ridges?: RidgeResolution;
  /** Quality of the touches (0 to 100, mean) before and after. */
  readonly quality?: { readonly before: number; readonly after: number };
}

export interface SensorCalibration {
  readonly profile: SensorProfile;
  readonly findings: SensorFindings;
}

/**
 * Works out a sensor's profile from what it was shown.
 *
 * @param pitch from line to line of the target, mm
 * @throws CalibrationError `calibration.no-captures`, `calibration.no-target`, and what `checkCaptures` throws
 */
export function measureSensor(given: CalibrationCaptures, pitch?: number): SensorCalibration {
  checkCaptures(given);
  const [first] = [...given.empty, ...given.fingers];
  if ((first as GrayImage | undefined) === undefined)
    throw new CalibrationError(
      'calibration.no-captures',
      'a sensor is calibrated by captures of its empty plate, or of a dozen touches: there are none',
    );
  const { width, height, dpi: claimedDpi } = first;
  const polarity = polarityOfSensor(given);
  const captures = polarity === 'light-ridges' ? turned(given) : given;
  const all = STEPS.flatMap((step) => captures[step]);

  const empty = captures.empty.length > 0 ? meanOf(captures.empty) : undefined;
  const full = captures.full.length > 0 ? meanOf(captures.full) : undefined;
  const dead = findDeadPixels(width, empty, full, all);
  const known = knownFields(captures, empty, full);
  const answer = known.fields && answerOf(known.fields);
  const whole = { left: 0, top: 0, width, height };
  const usable = answer === undefined ? whole : usableArea(answer, width);
  const even: SensorProfile = {
    ...{ width, height, dpi: claimedDpi, polarity: 'dark-ridges', usable: whole, dead: dead.pixels },
    ...(known.fields && { fields: { empty: rounded(known.fields.empty), full: rounded(known.fields.full) } }),
  };
  const corrected = (list: readonly GrayImage[]): GrayImage[] => list.map((capture) => applyProfile(capture, even));

  const target = pitch === undefined ? undefined : resolutionByTarget(corrected(captures.target), pitch);
  const touches = corrected(captures.fingers);
  const ridges = resolutionByRidges(touches);
  const profile: SensorProfile = { ...even, polarity, usable, dpi: target?.dpi ?? claimedDpi };
  return {
    profile,
    findings: {
      ...{ claimedDpi, polarity, fields: known.kind, dead },
      ...(answer && { gain: measureGain(answer, width, usable) }),
      ...(empty && full && { gainAfter: gainAfter(corrected(captures.empty), corrected(captures.full), usable) }),
      ...(captures.empty.length > 1 && { noise: median(deviationOf(captures.empty)) }),
      ...(target && { target }),
      ...(ridges && { ridges }),
      ...(touches.length > 0 && {
        quality: {
          before: meanQuality(given.fingers),
          after: meanQuality(given.fingers.map((touch) => applyProfile(touch, profile))),
        },
      }),
    },
  };
}

interface Fields {
  readonly empty: Float32Array;
  readonly full: Float32Array;
}

/** What lies between empty and full. */
function answerOf({ empty, full }: Fields): Float32Array {
  return empty.map((gray, at) => gray - full[at]);
}

/** Skin darkens a plate, or lightens it; without both, what the touches look like tells. */
function polarityOfSensor({ empty, full, fingers }: CalibrationCaptures): Polarity {
  if (empty.length > 0 && full.length > 0)
    return median(meanOf(full)) > median(meanOf(empty)) ? 'light-ridges' : 'dark-ridges';
  const light = fingers.filter((capture) => polarityOf(capture) === 'light-ridges').length;
  return 2 * light > fingers.length ? 'light-ridges' : 'dark-ridges';
}

function turned({ empty, full, target, fingers }: CalibrationCaptures): CalibrationCaptures {
  return {
    empty: empty.map(inverted),
    full: full.map(inverted),
    target: target.map(inverted),
    fingers: fingers.map(inverted),
  };
}

function knownFields(
  captures: CalibrationCaptures,
  empty: Float32Array | undefined,
  full: Float32Array | undefined,
): {
  readonly kind: SensorFindings['fields'];
  readonly fields?: Fields;
} {
  if (empty !== undefined && full !== undefined) return { kind: 'empty and full', fields: { empty, full } };
  if (empty !== undefined)
    return { kind: 'empty only', fields: { empty, full: empty.map((gray) => USUAL_FULL_SHARE * gray) } };
  const fields = fieldsOfTouches(captures.fingers);
  return fields === undefined ? { kind: 'none' } : { kind: 'touches', fields };
}

function resolutionByTarget(captures: readonly GrayImage[], pitch: number): NonNullable<SensorFindings['target']> {
  const found = captures.map((capture) => measureTarget(capture, pitch)).filter((measured) => measured !== undefined);
  if (found.length === 0)
    throw new CalibrationError(
      'calibration.no-target',
      `no capture of the target shows lines ${pitch} mm apart: lay it flat on the plate, and check the distance of its lines`,
    );
  const resolutions = found.map(({ dpi }) => dpi);
  const dpi = resolutions.reduce((sum, value) => sum + value, 0) / found.length;
  return {
    dpi: Math.round(10 * dpi) / 10,
    spread: (100 * (Math.max(...resolutions) - Math.min(...resolutions))) / dpi,
    captures: found.length,
  };
}

function gainAfter(empty: readonly GrayImage[], full: readonly GrayImage[], usable: SensorProfile['usable']): Gain {
  return measureGain(answerOf({ empty: meanOf(empty), full: meanOf(full) }), empty[0].width, usable);
}

function meanQuality(touches: readonly GrayImage[]): number {
  const rated = touches.map((touch) => assess(toWorkingResolution(touch)).quality);
  return rated.reduce((sum, quality) => sum + quality, 0) / rated.length;
}

function rounded(field: Float32Array): Uint8Array {
  return Uint8Array.from(new Uint8ClampedArray(field));
}
