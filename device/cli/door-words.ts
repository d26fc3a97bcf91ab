import type { DoorChange } from '../door/door.ts';

/** What somebody at the screen should know of a change at the door; nothing where the touch itself tells. */
export function doorInWords(change: DoorChange): string | undefined {
  switch (change.kind) {
    case 'forced':
      return 'ALARM: the door was forced open';
    case 'held-open':
      return 'ALARM: the door is held open';
    case 'held-open-soon':
      return 'the door has been open for long';
    case 'alarm-ended':
      return `the alarm is over (${change.alarm})`;
    case 'tamper':
      return change.active ? 'ALARM: the tamper switch is open' : 'the tamper switch is closed again';
    case 'fire':
      return change.active ? 'ALARM: fire, the door is unlocked' : 'the fire signal is over';
    case 'mode':
      return `the door’s mode is ${change.mode}`;
    case 'board-lost':
      return `ALARM: ${change.code}: ${change.message}`;
    case 'board-ready':
      return change.board === 'simulated' ? undefined : `the door is driven by ${change.board}`;
    case 'unlocked':
    case 'locked':
    case 'opened':
    case 'closed':
    case 'exit-requested':
      return undefined;
  }
}
