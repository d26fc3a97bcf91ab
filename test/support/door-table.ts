import { STOP_REASONS } from '../../device/access/stop-reason.ts';
import { doorInWords } from '../../device/cli/door-words.ts';
import { describeDoorChange } from '../../device/door-reports.ts';
import type { DoorChange } from '../../device/door/door.ts';
import { SIGNALS, type Signal } from '../../device/door/signals.ts';
import { WhorlError } from '../../device/errors.ts';
import type { DenialReason, EventType, RecognitionFailure } from '../../device/events/event.ts';
import { outcomeOf } from '../../device/outcome.ts';
import type { RetryReason, Touch } from '../../device/terminal.ts';

/** What somebody at the door and whoever reads its events learn of one thing that can happen. */
export interface TableRow {
  readonly what: string;
  readonly signal: Signal;
  readonly text: string;
  readonly event: EventType;
}

/** Every reason for which a capture is asked for again; the compiler sees that none is missing. */
const RETRIES: Readonly<Record<RetryReason, true>> = {
  'no-finger': true,
  'too-short': true,
  interrupted: true,
  moved: true,
  partial: true,
  'too-small': true,
  'press-harder': true,
  'press-lighter': true,
  centre: true,
  'too-dry': true,
  'too-wet': true,
};
export const RETRY_REASONS = Object.keys(RETRIES) as RetryReason[];

const FAILURES: Readonly<Record<RecognitionFailure, true>> = {
  'not-recognised': true,
  ambiguous: true,
  'nobody-enrolled': true,
};
export const RECOGNITION_FAILURES = Object.keys(FAILURES) as RecognitionFailure[];

const FIGURES = { threshold: 1, quality: 50 } as const;

export function denial(reason: DenialReason): Touch {
  return { kind: 'decided', verdict: { kind: 'denied', reason, figures: FIGURES }, ms: 0 };
}

const GRANTED: Touch = {
  kind: 'decided',
  verdict: {
    ...{ kind: 'granted', finger: 'right-index', rules: 0, figures: FIGURES },
    person: { id: 'p1', name: 'Ada' },
  },
  ms: 0,
};

const BROKEN = new WhorlError('sensor.unplugged', 'the sensor does not answer');

/** How touches end. */
export const OUTCOME_ROWS: readonly TableRow[] = [
  row('granted, also under duress', GRANTED, 'whorl.touch.granted'),
  ...[...RECOGNITION_FAILURES, ...STOP_REASONS].map((reason) => row(reason, denial(reason), 'whorl.touch.denied')),
  ...RETRY_REASONS.map((reason) => row(`retry: ${reason}`, { kind: 'retry', reason }, 'whorl.touch.retry')),
  row('a part fails', { kind: 'failed', phase: 'capture', error: BROKEN }, 'whorl.touch.failed'),
  row('the strike fails', { kind: 'failed', phase: 'act', error: BROKEN }, 'whorl.door.failed'),
];

function row(what: string, touch: Touch, event: EventType): TableRow {
  return { what, ...outcomeOf(touch), event };
}

/** Why the board cannot be relied on is told as it is; here it is left open. */
export const LOSS = { code: 'CODE', message: 'what is wrong' } as const;

const ALARMS: readonly (readonly [what: string, signal: Signal, change: DoorChange])[] = [
  ['forced open', 'forced', { kind: 'forced' }],
  ['open for long', 'held-open-soon', { kind: 'held-open-soon' }],
  ['held open', 'held-open', { kind: 'held-open' }],
  ['tamper', 'tamper', { kind: 'tamper', active: true }],
  ['fire', 'evacuation', { kind: 'fire', active: true }],
  ['lockdown', 'lockdown', { kind: 'mode', mode: 'lockdown' }],
  ['unlocked for everybody', 'unlocked', { kind: 'mode', mode: 'unlocked' }],
  ['board lost', 'quiet', { kind: 'board-lost', ...LOSS }],
];

/** What the door shows for as long as it lasts. */
export const ALARM_ROWS: readonly TableRow[] = ALARMS.map(([what, signal, change]) => ({
  ...{ what, signal, event: describeDoorChange(change).type },
  text: doorInWords(change) ?? '',
}));

/** What is reported and shows nowhere at the door. */
export const SILENT_ROWS: readonly Omit<TableRow, 'signal' | 'text'>[] = [
  { what: 'duress finger', event: 'whorl.access.duress' },
  { what: 'passed twice (soft anti-passback)', event: 'whorl.access.passback' },
  { what: 'rules or pass unreadable', event: 'whorl.access.unreadable' },
  { what: 'clock in doubt', event: 'whorl.clock.doubted' },
  { what: 'terminal killed or frozen', event: 'whorl.door.terminal-lost' },
];

/** The table of README, Markdown. */
export function doorTable(): string {
  const loud = [...OUTCOME_ROWS, ...ALARM_ROWS].map(({ what, signal, text, event }) => {
    const { lamp, sound } = SIGNALS[signal];
    return [what, lamp, sound, text, `\`${event}\``];
  });
  const silent = SILENT_ROWS.map(({ what, event }) => [what, 'nothing', 'nothing', '', `\`${event}\``]);
  const rows = [['what', 'lamp', 'buzzer', 'text', 'event'], Array<string>(5).fill('-'), ...loud, ...silent];
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
