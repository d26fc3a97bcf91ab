import { DateTime } from 'luxon';

/** A day of the calendar. */
export interface Day {
  /** `2026-12-24` */
  readonly date: string;
  /** `12-24` */
  readonly ofYear: string;
  /** 0 for Monday to 6 for Sunday. */
  readonly weekday: number;
}

/** What the clock and the calendar on a wall show: all that schedules and dates of validity depend on. */
export interface WallTime {
  readonly today: Day;
  readonly yesterday: Day;
  /** Of the day, 0 to 1439. */
  readonly minute: number;
}

export const MINUTES_A_DAY = 1_440;
const MS_A_DAY = 86_400_000;

/** A moment, and what the clocks of all time zones show then; each is read once. */
export class Instant {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly #walls = new Map<string, WallTime>();

  constructor(time: number) {
    this.time = time;
  }

  /** @param zone IANA name of a time zone */
  wall(zone: string): WallTime {
    const known = this.#walls.get(zone);
    if (known) return known;
    const { year, month, day, hour, minute } = DateTime.fromMillis(this.time, { zone });
    // The calendar is the same in every zone, so its days can be counted where no clock is ever set.
    const today = Date.UTC(year, month - 1, day);
    const wall = { today: dayOf(today), yesterday: dayOf(today - MS_A_DAY), minute: hour * 60 + minute };
    this.#walls.set(zone, wall);
    return wall;
  }
}

/** `2026-12-24T18:05` */
export function wallText({ today, minute }: WallTime): string {
  return `${today.date}T${twoDigits(Math.floor(minute / 60))}:${twoDigits(minute % 60)}`;
}

function dayOf(midnight: number): Day {
  const date = new Date(midnight).toISOString().slice(0, 10);
  // 1 January 1970 was a Thursday.
  return { date, ofYear: date.slice(5), weekday: (((midnight / MS_A_DAY + 3) % 7) + 7) % 7 };
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
