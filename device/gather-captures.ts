import { checkCaptures, showsPrint } from '../calibration/sensor/check-captures.ts';
import type { CalibrationCaptures } from '../calibration/sensor/captures.ts';
import { CalibrationError } from '../calibration/errors.ts';
import { measureSensor, type SensorCalibration } from '../calibration/sensor/measure-sensor.ts';
import type { Clock } from './clock.ts';
import type { GrayImage } from './imaging/gray-image.ts';
import { SensorError } from './sensor/errors.ts';
import type { Laid } from './sensor/rehearsal.ts';
import type { Sensor } from './sensor/sensor.ts';

/** Captures of each thing: enough to average noise away, and as many fingers as a technician has. */
const CAPTURES: Readonly<Record<Laid, number>> = { empty: 4, full: 4, fingers: 10, target: 4 };
/** The target last: its lines are looked for in captures that have been evened. */
const ORDER: readonly Laid[] = ['empty', 'full', 'fingers', 'target'];
/** How often a thing that was laid wrongly is laid again. */
const MOST_ATTEMPTS = 3;
/** How long a sensor may take to notice what is no finger. */
const NOTICING_MS = 5_000;
const NOTICING_PAUSE_MS = 250;
/** How long a finger is waited for. */
const FINGER_MS = 60_000;
/** Touches in a row that show no finger. */
const MOST_BLANK = 5;

export type GatheringStep =
  | { readonly kind: 'taken'; readonly laid: Laid; readonly number: number; readonly of: number }
  /** The sensor gives no picture of what lies there. */
  | { readonly kind: 'unseen'; readonly laid: Laid }
  /** What was captured cannot be used, and is asked for again. */
  | { readonly kind: 'again'; readonly message: string };

export interface CaptureGathering {
  /** Without correction, and connected. */
  readonly sensor: Sensor;
  readonly clock: Clock;
  /** From line to line of the target, mm. */
  readonly pitch: number;
  /** Connects the sensor again after it has not answered. */
  readonly connect: (signal: AbortSignal) => Promise<void>;
  /** Has something laid on the plate; the target once for every capture, turned. `false`: there is no such thing at hand. */
  readonly lay: (laid: Laid, number: number) => Promise<boolean>;
  readonly onStep: (step: GatheringStep) => void;
}

export interface GatheredCalibration {
  readonly captures: CalibrationCaptures;
  readonly calibration: SensorCalibration;
}

/**
 * Leads a technician through what calibration has to see, and works out the sensor's profile. What is laid wrongly is
 * asked for again at once, while it can still be put right.
 *
 * @throws CalibrationError what cannot be put right; `calibration.no-finger` where nobody touches
 */
export async function gatherCaptures(gathering: CaptureGathering, signal: AbortSignal): Promise<GatheredCalibration> {
  let captures: CalibrationCaptures = { empty: [], full: [], target: [], fingers: [] };
  let calibration: SensorCalibration | undefined;
  for (const laid of ORDER)
    for (let attempt = 1; ; attempt++)
      try {
        captures = { ...captures, [laid]: [] };
        captures = { ...captures, [laid]: await capturesOf(gathering, laid, signal) };
        if (laid === 'target')
          calibration = measureSensor(captures, captures.target.length > 0 ? gathering.pitch : undefined);
        else checkCaptures(captures);
        break;
      } catch (cause) {
        if (!(cause instanceof CalibrationError) || attempt === MOST_ATTEMPTS) throw cause;
        gathering.onStep({ kind: 'again', message: cause.message });
      }
  return { captures, calibration: calibration ?? measureSensor(captures) };
}

async function capturesOf(gathering: CaptureGathering, laid: Laid, signal: AbortSignal): Promise<GrayImage[]> {
  const { lay, onStep } = gathering;
  const taken: GrayImage[] = [];
  const of = CAPTURES[laid];
  for (let blank = 0; taken.length < of;) {
    const number = taken.length + 1;
    if ((laid === 'target' || number === 1) && blank === 0 && !(await lay(laid, number))) break;
    const picture = await (laid === 'fingers' ? touch(gathering, signal) : plate(gathering, laid, signal));
    if (picture !== undefined) {
      taken.push(picture);
      blank = 0;
      onStep({ kind: 'taken', laid, number, of });
    } else if (laid !== 'fingers') {
      onStep({ kind: 'unseen', laid });
      break;
    } else {
      if (++blank === MOST_BLANK) throw noFinger('none of the last touches shows a finger');
      onStep({ kind: 'again', message: 'no finger was seen: touch the middle of the plate once more' });
    }
  }
  return taken;
}

/** What lies there, which need not be a finger. Some sensors show fingers only, others notice nothing else. */
async function plate(
  { sensor, clock, connect }: CaptureGathering,
  laid: Laid,
  signal: AbortSignal,
): Promise<GrayImage | undefined> {
  const until = clock.monotonic() + (laid === 'empty' ? 0 : NOTICING_MS);
  try {
    for (;;) {
      const capture = await sensor.capture(signal);
      if (capture.kind === 'image') return capture.image;
      if (clock.monotonic() >= until) return undefined;
      await clock.sleep(NOTICING_PAUSE_MS, signal);
    }
  } catch (cause) {
    if (!(cause instanceof SensorError && cause.code === 'sensor.no-answer')) throw cause;
    await connect(signal);
    return undefined;
  }
}

async function touch({ sensor, clock }: CaptureGathering, signal: AbortSignal): Promise<GrayImage | undefined> {
  const patience = new AbortController();
  const until = AbortSignal.any([signal, patience.signal]);
  clock.sleep(FINGER_MS, until).then(
    () => {
      patience.abort(noFinger(`nobody touched the sensor for ${FINGER_MS / 1000} s`));
    },
    () => undefined,
  );
  try {
    if ((await sensor.waitForFinger(until)) === 'ended') throw noFinger('the sensor has no more touches');
  } finally {
    patience.abort();
  }
  const capture = await sensor.capture(signal);
  await sensor.waitForLift(signal);
  return capture.kind === 'image' && showsPrint(capture.image) ? capture.image : undefined;
}

function noFinger(what: string): CalibrationError {
  return new CalibrationError(
    'calibration.no-finger',
    `${what}: touch it when asked to; if you did, it does not notice fingers: check its cable, then replace it`,
  );
}
