import { DateTime } from 'luxon';

/** What the clock and the calendar on a wall show: all that schedules and dates of validity depend on. */
export interface WallTime {
  /** `2026-12-24` */
  readonly date: string;
  /** Of the day, 0 to 1439. */
  readonly minute: number;
}

export const MINUTES_A_DAY = 1_440;
const MS_A_DAY = 86_400_000;

/**
 * @param time in milliseconds since 1970
 * @param zone IANA name of a time zone
 */
export function wallTime(time: number, zone: string): WallTime {
  const local = DateTime.fromMillis(time, { zone });
  return { date: dateOf(local.year, local.month, local.day), minute: local.hour * 60 + local.minute };
}

/** `2026-12-24T18:05` */
export function wallText({ date, minute }: WallTime): string {
  return `${date}T${clockText(minute)}`;
}

/** `18:05` */
export function clockText(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

export function dayBefore(date: string): string {
  return new Date(dayOf(date) - MS_A_DAY).toISOString().slice(0, 10);
}

/** 0 for Monday to 6 for Sunday. */
export function weekdayOf(date: string): number {
  // 1 January 1970 was a Thursday.
  return (((dayOf(date) / MS_A_DAY + 3) % 7) + 7) % 7;
}

function dayOf(date: string): number {
  return Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)) - 1, Number(date.slice(8, 10)));
}

function dateOf(year: number, month: number, day: number): string {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
