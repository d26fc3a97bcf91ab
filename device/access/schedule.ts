import { type Day, MINUTES_A_DAY, type WallTime } from './wall-time.ts';

/** A stretch of a day, in minutes of it: `from` is in it, `to` is not. With `to` below `from` it ends on the next day. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** Days that are not as others. */
export interface HolidayList {
  /** `2026-12-24`, or `12-24` for every year. */
  readonly days: ReadonlySet<string>;
  /** First and last day. */
  readonly ranges: readonly (readonly [first: string, last: string])[];
}

export interface Schedule {
  readonly name: string;
  /** IANA name of the time zone whose clock it follows. */
  readonly zone: string;
  /** By weekday, Monday first. */
  readonly week: readonly (readonly Period[])[];
  /** What holds on holidays instead of the week; the first list that has a day counts. */
  readonly holidays: readonly { readonly list: HolidayList; readonly periods: readonly Period[] }[];
}

/**
 * The periods that a moment lies in, each named by the day on which it began and its place among that day's periods.
 *
 * What the clock on the wall shows decides: an hour that comes twice when summer time ends counts twice, one that is
 * left out when it begins never comes. A period belongs to the day on which it begins, also beyond midnight: it goes on
 * into a holiday, and one that would begin on a holiday does not begin.
 */
export function periodsAt(schedule: Schedule, wall: WallTime): string[] {
  return covering((day) => periodsOn(schedule, day), wall);
}

/** Whether the week alone, were no day a holiday, has this moment. */
export function inWeek({ week }: Schedule, wall: WallTime): boolean {
  return covering(({ weekday }) => week[weekday], wall).length > 0;
}

function covering(periodsOf: (day: Day) => readonly Period[], { today, yesterday, minute }: WallTime): string[] {
  const found: string[] = [];
  for (const [index, { from, to }] of periodsOf(today).entries())
    if (minute >= from && minute < (to > from ? to : MINUTES_A_DAY)) found.push(`${today.date}/${index}`);
  for (const [index, { from, to }] of periodsOf(yesterday).entries())
    if (to < from && minute < to) found.push(`${yesterday.date}/${index}`);
  return found;
}

function periodsOn({ week, holidays }: Schedule, day: Day): readonly Period[] {
  const holiday = holidays.find(({ list }) => isHoliday(list, day));
  return holiday ? holiday.periods : week[day.weekday];
}

function isHoliday({ days, ranges }: HolidayList, { date, ofYear }: Day): boolean {
  return days.has(date) || days.has(ofYear) || ranges.some(([first, last]) => first <= date && date <= last);
}
