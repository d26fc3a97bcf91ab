import { IANAZone } from 'luxon';
import { z } from 'zod';
import { isDay, passSchema, ruleName } from '../gallery/pass.ts';
import type { Period } from './schedule.ts';
import { MINUTES_A_DAY } from './wall-time.ts';

/** The layout of rules as they are written; newer ones are refused. */
export const RULES_VERSION = 1;

/** Monday first. */
export const WEEKDAYS: readonly string[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const DAY = /^\d{4}-\d\d-\d\d$/;
const MOST_NAMES = 2_048;

const HOURS_HINT = 'must be hours of a day: 08:00-18:00, 22:00-06:00 beyond midnight, 00:00-24:00 for all of it';
const WEEKLY_HINT = 'must be days and hours: "mon-fri 08:00-18:00", "sat,sun 22:00-06:00", "daily 00:00-24:00"';

/** Hours of a day, `22:00-06:00`. */
const hours = z.string().transform((text, context) => readHours(text) ?? refuse(context, HOURS_HINT));

/** Hours of some days of the week, `mon-fri 08:00-18:00`. */
const weekly = z.string().transform((text, context) => {
  const [dayText, hourText = ''] = text.trim().split(/\s+/);
  const days = readDays(dayText);
  const period = readHours(hourText);
  return days && period ? { days, ...period } : refuse(context, WEEKLY_HINT);
});

const holiday = z
  .string()
  .refine(isHolidayText, 'must be a day (2026-12-25), a day of every year (12-25) or days (2026-12-24..2027-01-02)');

const zone = z
  .string()
  .refine((name) => IANAZone.create(name).isValid, 'is not a time zone: write one as Europe/Zurich, or UTC');
const names = z.array(ruleName).min(1, 'must name at least one');
const when = z.union([z.literal('always'), names], 'must be "always" or a list of schedules');
const minutes = z.int().min(1).max(100_000);

/** Rules as an operator writes them, before their names are looked up. */
export const rulesSchema = z.strictObject({
  version: z.literal(RULES_VERSION),
  zone,
  ungrouped: ruleName.exactOptional(),
  holidays: named(z.array(holiday)).default({}),
  schedules: named(
    z.strictObject({
      zone: zone.exactOptional(),
      periods: z.array(weekly).default([]),
      holidays: z.record(ruleName, z.array(hours)).default({}),
    }),
  ).default({}),
  groups: named(z.strictObject({ when })).default({}),
  door: z
    .strictObject({
      side: z.enum(['entry', 'exit']).default('entry'),
      extendedOpening: z.number().min(0.5).max(30).default(15),
      unlock: z.strictObject({ when: names, after: names.exactOptional() }).exactOptional(),
      firstPerson: z.strictObject({ when: names, groups: names }).exactOptional(),
      twoPerson: z
        .strictObject({
          when: when.default('always'),
          within: z.number().min(2).max(120).default(20),
          approvers: names.exactOptional(),
          exempt: z.array(ruleName).default([]),
        })
        .exactOptional(),
      antiPassback: z
        .strictObject({
          mode: z.enum(['hard', 'soft', 'timed']),
          minutes: minutes.exactOptional(),
          exempt: z.array(ruleName).default([]),
        })
        .refine(
          ({ mode, minutes: long }) => mode !== 'timed' || long !== undefined,
          'timed anti-passback needs "minutes"',
        )
        .exactOptional(),
    })
    .prefault({}),
  /** In exported files: what was in force then, so that an import notices what was changed since. */
  basedOn: z.string().exactOptional(),
  /** What is said of people, by id, external id or name: only in files, never kept with the rules. */
  people: z.record(z.string(), passSchema).exactOptional(),
});

export type WrittenRules = z.output<typeof rulesSchema>;

function named<T extends z.ZodType>(schema: T): z.ZodRecord<typeof ruleName, T> {
  return z
    .record(ruleName, schema)
    .refine((all) => Object.keys(all).length <= MOST_NAMES, `must not be more than ${MOST_NAMES}`)
    .refine((all) => !Object.hasOwn(all, 'always'), '"always" is taken: it means at any time');
}

function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}

function readHours(text: string): Period | undefined {
  const found = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(text.trim());
  if (!found) return undefined;
  const [fromHour, fromMinute, toHour, toMinute] = found.slice(1).map(Number);
  const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute];
  const isClock = fromMinute < 60 && toMinute < 60 && from < MINUTES_A_DAY && to <= MINUTES_A_DAY;
  return isClock && from !== to ? { from, to } : undefined;
}

/** Places in the week of `mon-fri`, `sat,sun` or `daily`; a range may go over the week's end. */
function readDays(text: string): number[] | undefined {
  if (text === 'daily') return WEEKDAYS.map((_, day) => day);
  const days = new Set<number>();
  for (const part of text.split(',')) {
    const [first, last = first, ...rest] = part.split('-').map((day) => WEEKDAYS.indexOf(day));
    if (first < 0 || last < 0 || rest.length > 0) return undefined;
    for (let day = first; ; day = (day + 1) % WEEKDAYS.length) {
      days.add(day);
      if (day === last) break;
    }
  }
  return [...days];
}

function isHolidayText(text: string): boolean {
  // 2024 had a 29 February.
  if (/^\d\d-\d\d$/.test(text)) return isDay(`2024-${text}`);
  const [first, last = first, ...rest] = text.split('..');
  return rest.length === 0 && [first, last].every((day) => DAY.test(day) && isDay(day)) && first <= last;
}
