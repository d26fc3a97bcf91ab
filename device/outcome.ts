import { STOP_REASONS, STOP_WORDS, type StopReason } from './access/stop-reason.ts';
import type { Signal } from './door/signals.ts';
import type { RecognitionFailure } from './events/event.ts';
import type { RetryReason, Touch } from './terminal.ts';

/** How a touch ended, as the person at the door is told: by lamp and buzzer, and in a line of text. */
export interface Outcome {
  readonly signal: Signal;
  readonly text: string;
}

/** What to do, and then to touch again. */
const RETRY: Readonly<Record<RetryReason, string>> = {
  'no-finger': 'no finger was seen',
  'too-short': 'leave the finger on a little longer',
  moved: 'hold the finger still',
  partial: 'cover more of the sensor',
  'too-small': 'cover more of the sensor',
  'press-harder': 'press harder',
  'press-lighter': 'press lighter',
  centre: 'put the finger on the centre',
  'too-dry': 'the finger is too dry, breathe on it',
  'too-wet': 'the finger is too wet, wipe it',
  interrupted: 'that was interrupted, touch again',
};

/** Why the door stayed shut although the capture was good. */
const DENIAL: Readonly<Record<RecognitionFailure, Outcome>> = {
  'not-recognised': { signal: 'not-recognised', text: 'not recognised' },
  ambiguous: { signal: 'not-recognised', text: 'two people are too alike' },
  'nobody-enrolled': { signal: 'not-recognised', text: 'nobody is enrolled' },
};

/** Why whoever was recognised may not pass. The first of two people is not refused but asked for the second. */
const STOP = Object.fromEntries(
  STOP_REASONS.map((reason): [StopReason, Outcome] => [
    reason,
    { signal: reason === 'second-person-needed' ? 'retry' : 'denied', text: STOP_WORDS[reason] },
  ]),
) as Readonly<Record<StopReason, Outcome>>;

/** The one table of outcomes. A finger under duress is not in it: it is granted, and nothing at the door tells. */
export function outcomeOf(touch: Touch): Outcome {
  if (touch.kind === 'retry') return { signal: 'retry', text: RETRY[touch.reason] };
  if (touch.kind === 'failed') return { signal: 'failed', text: 'out of order, try again' };
  return touch.verdict.kind === 'granted'
    ? { signal: 'granted', text: 'welcome' }
    : { ...DENIAL, ...STOP }[touch.verdict.reason];
}
