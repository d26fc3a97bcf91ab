import { InvalidArgumentError } from 'commander';
import { DateTime } from 'luxon';

/** A moment as somebody says it, before it is known in which time zone. */
export type SaidMoment = (now: number, zone: string) => number;

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const SAID = /^(?:(\d{4}-\d\d-\d\d)[T ]|([a-z]{3})[a-z]*\s+)?(\d{1,2})(?::(\d\d))?$/i;
const HINT = 'It must be like 2026-12-24T18:00, "sunday 6:00" or 6:00.';

/** Reads `2026-12-24T18:00`, `sunday 6:00` (the next one) or `6:00` (of today); `6` is `6:00`. */
export function saidMoment(text: string): SaidMoment {
  const found = SAID.exec(text.trim());
  if (!found) throw new InvalidArgumentError(HINT);
  const [, date = '', weekday = '', hour, minute = '0'] = found;
  const day = WEEKDAYS.indexOf(weekday.toLowerCase());
  if (weekday !== '' && day < 0) throw new InvalidArgumentError(HINT);
  return (now, zone) => {
    const today = DateTime.fromMillis(now, { zone });
    const clock = { hour: Number(hour), minute: Number(minute), second: 0, millisecond: 0 };
    let said = (date === '' ? today : DateTime.fromISO(date, { zone })).set(clock);
    if (weekday !== '') {
      said = said.plus({ days: (day + 1 - said.weekday + 7) % 7 });
      if (said < today) said = said.plus({ days: 7 });
    }
    if (!said.isValid) throw new InvalidArgumentError(HINT);
    return said.toMillis();
  };
}

/** `Sun 2026-11-29 06:00` */
export function momentInWords(time: number, zone: string): string {
  return DateTime.fromMillis(time, { zone, locale: 'en' }).toFormat('ccc yyyy-MM-dd HH:mm');
}
