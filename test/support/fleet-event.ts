import type { Report, TerminalEvent } from '../../device/events/event.ts';

const retry: Report = { type: 'whorl.touch.retry', data: { reason: 'centre' } };

/** An event as a terminal's outbox writes it. */
export function terminalEvent(
  device: string,
  journal: string,
  sequence: number,
  { time = Date.now(), report = retry }: { time?: number; report?: Report } = {},
): TerminalEvent {
  return {
    specversion: '1.0',
    id: `${journal}-${sequence}`,
    source: `/whorl/${device}`,
    ...report,
    time: new Date(time).toISOString(),
    datacontenttype: 'application/json',
    journal,
    sequence: String(sequence).padStart(10, '0'),
  };
}
