import { WhorlError } from './errors.ts';
import {
  duplicateOf,
  ENROLMENT_POLICY,
  problemsOf,
  type EnrolmentProblem,
  type TouchComparison,
} from './gallery/enrolment.ts';
import type { Finger, Person } from './gallery/person.ts';
import type { TouchTemplate } from './gallery/template-codec.ts';
import type { Sensor } from './sensor/sensor.ts';
import type { Recognizer, RetryReason } from './terminal.ts';

/** As many as see a whole fingertip, put down a little differently each time. */
export const ENROLMENT_TOUCHES = 4;

/** So many touches in a row that are unlike the first ones: the first ones were the wrong finger. */
const CHANGE_OF_MIND = 3;

/** What happens while somebody enrols at a sensor. */
export type EnrolmentStep =
  | { readonly kind: 'ask'; readonly number: number; readonly of: number }
  | { readonly kind: 'taken'; readonly number: number; readonly of: number; readonly quality: number }
  | { readonly kind: 'retry'; readonly reason: RetryReason }
  | { readonly kind: 'problem'; readonly problem: EnrolmentProblem }
  /** The finger is somebody's already. */
  | { readonly kind: 'known'; readonly person: Person; readonly finger: Finger }
  /** The touches before were of another finger: they are dropped, this one is the first. */
  | { readonly kind: 'begun-anew' }
  | { readonly kind: 'failed'; readonly error: WhorlError };

export interface Gathering {
  readonly sensor: Sensor;
  readonly recognizer: Pick<Recognizer<TouchTemplate>, 'features'>;
  readonly comparison: TouchComparison;
  /** Who is enrolled: a finger of theirs is not taken for a new one, except the one to be replaced. */
  readonly enrolled: readonly Person[];
  readonly replaced?: Finger;
  readonly onStep: (step: EnrolmentStep) => void;
}

/**
 * Asks for touches of one finger until enough good ones are there, judging each at once, while the person is still at the
 * sensor. A touch that cannot be used costs nothing but another one.
 *
 * @returns undefined where the sensor has no more touches
 */
export async function gatherTouches(gathering: Gathering, signal: AbortSignal): Promise<TouchTemplate[] | undefined> {
  const { sensor, onStep } = gathering;
  let touches: TouchTemplate[] = [];
  let unlike = 0;
  while (touches.length < ENROLMENT_TOUCHES) {
    onStep({ kind: 'ask', number: touches.length + 1, of: ENROLMENT_TOUCHES });
    if ((await sensor.waitForFinger(signal)) === 'ended') return undefined;
    const touch = await readTouch(gathering, signal);
    if (touch !== undefined) {
      const problem = problemOf(touch, touches, gathering.comparison);
      unlike = problem?.reason === 'unlike-the-others' ? unlike + 1 : 0;
      if (problem !== undefined && unlike < CHANGE_OF_MIND) onStep({ kind: 'problem', problem });
      else {
        if (problem !== undefined) onStep({ kind: 'begun-anew' });
        touches = problem === undefined ? [...touches, touch] : [touch];
        unlike = 0;
        onStep({ kind: 'taken', number: touches.length, of: ENROLMENT_TOUCHES, quality: touch.quality });
      }
      // A lamp that fails shows at the next touch.
      sensor.showLamp(touches.at(-1) === touch ? 'granted' : 'retry').catch(() => undefined);
    }
    await sensor.waitForLift(signal);
  }
  return touches;
}

/** A touch as a template; undefined, and told, where it cannot be one. */
async function readTouch(gathering: Gathering, signal: AbortSignal): Promise<TouchTemplate | undefined> {
  const { sensor, recognizer, comparison, enrolled, replaced, onStep } = gathering;
  try {
    sensor.showLamp('reading').catch(() => undefined);
    const capture = await sensor.capture(signal);
    const extracted = capture.kind === 'image' ? await recognizer.features(capture.image, signal) : capture;
    if (extracted.kind === 'features') {
      const known = duplicateOf([extracted.features], enrolled, replaced, comparison);
      if (known === undefined) return extracted.features;
      onStep({ kind: 'known', person: known.person, finger: known.finger });
    } else onStep({ kind: 'retry', reason: extracted.reason });
  } catch (cause) {
    signal.throwIfAborted();
    if (!(cause instanceof WhorlError)) throw cause;
    onStep({ kind: 'failed', error: cause });
  }
  sensor.showLamp('retry').catch(() => undefined);
  return undefined;
}

/** Why the touch cannot be used beside the others. */
function problemOf(
  touch: TouchTemplate,
  others: readonly TouchTemplate[],
  comparison: TouchComparison,
): EnrolmentProblem | undefined {
  const alone = { ...ENROLMENT_POLICY, minimumTouches: 1 };
  const problem = problemsOf([touch], comparison, alone).at(0);
  if (problem !== undefined || others.length === 0) return problem;
  const measured = Math.max(...others.map((other) => comparison.score(touch, other)));
  const required = comparison.consistentFrom;
  return measured >= required ? undefined : { reason: 'unlike-the-others', touch: others.length, measured, required };
}
