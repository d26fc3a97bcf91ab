import type { Pass } from '../../device/gallery/pass.ts';
import type { Story, Touch, Written, WrittenSchedule } from './arbitrary-rules.ts';

/** What the model says of a touch. */
export interface Answer {
  readonly outcome: string;
  readonly openingMs?: number | undefined;
  readonly passback: boolean;
  /** Whether the door stands unlocked by its schedule after the touch. */
  readonly open: boolean;
}

/** README's order of reasons, written down a second time. */
const ORDER = [
  'lockdown',
  'blocked',
  'no-group',
  'clock-untrusted',
  'not-yet-valid',
  'expired',
  'holiday',
  'outside-schedule',
  'first-person-missing',
  'anti-passback',
  'anti-passback-timed',
];

const DAY = 86_400_000;
const NAMES = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** Somebody who was let through, in the model's diary. */
interface Passed {
  readonly person: string;
  readonly touch: Touch;
}

/**
 * A second opinion on access rules, by brute force over the written rules: it paints the minutes of every day in
 * question one by one, reads clocks by `Intl`, keeps a diary of all that happened and looks everything up in it, and
 * collects every reason that holds before it chooses. It shares nothing with `device/access`.
 */
export class AccessModel {
  readonly #story: Story;
  readonly #diary: Passed[] = [];
  #waiting: { readonly person: string; readonly uptime: number } | undefined;

  constructor(story: Story) {
    this.#story = story;
  }

  answer(touch: Touch): Answer {
    const outcome = this.#outcome(touch);
    if (typeof outcome === 'string') return { outcome, passback: false, open: this.#standsOpen(touch) };
    const { people, rules } = this.#story;
    const { antiPassback, extendedOpening = 15 } = rules.door;
    const passback = antiPassback?.mode === 'soft' && outcome.some((person) => this.#again(person, touch));
    for (const person of outcome) this.#diary.push({ person, touch });
    if (outcome.some((person) => person === this.#waiting?.person)) this.#waiting = undefined;
    const long = outcome.some((person) => people[person].extendedOpening);
    const open = this.#standsOpen(touch);
    return { outcome: 'pass', openingMs: long ? extendedOpening * 1000 : undefined, passback, open };
  }

  /** By the door's own calendar. */
  day({ time }: Touch): string {
    return dateOf(Math.floor(wallMinutes(time, this.#story.rules.zone) / 1440));
  }

  /** Whether a period of any schedule goes on that began on an earlier day. */
  isPastMidnight({ time }: Touch): boolean {
    const { schedules, zone: usual } = this.#story.rules;
    return Object.entries(schedules).some(([name, { zone = usual }]) => {
      const today = Math.floor(wallMinutes(time, zone) / 1440);
      return this.#stretches(name, time).some((stretch) => !stretch.startsWith(`${today} `));
    });
  }

  #outcome(touch: Touch): string | string[] {
    const reasons = this.#reasons(touch.person, touch);
    const first = ORDER.find((reason) => reasons.has(reason));
    if (first !== undefined) return first;
    const { twoPerson } = this.#story.rules.door;
    if (!twoPerson || this.#isIn(touch.person, twoPerson.exempt ?? [])) return [touch.person];
    const { when = 'always', within = 20, approvers } = twoPerson;
    if (when !== 'always' && !when.some((name) => this.#covered(name, touch.time))) return [touch.person];
    const earlier = this.#waiting;
    this.#waiting = { person: touch.person, uptime: touch.uptime };
    if (!earlier || earlier.person === touch.person) return 'second-person-needed';
    if (touch.uptime - earlier.uptime > within * 1000) return 'second-person-needed';
    if (this.#reasons(earlier.person, touch).size > 0) return 'second-person-needed';
    const pair = [earlier.person, touch.person];
    if (approvers && !pair.some((person) => this.#isIn(person, approvers))) return 'approver-needed';
    return pair;
  }

  /** Every reason that speaks against this person at this moment. */
  #reasons(person: string, { time, trusted, lockdown }: Touch): Set<string> {
    const { rules } = this.#story;
    const pass = this.#story.people[person];
    const found = new Set<string>();
    const say = (holds: boolean, reason: string): void => {
      if (holds) found.add(reason);
    };
    const groups = this.#groups(pass);
    const whens = groups.map((name) => rules.groups[name].when);
    const names = whens.flatMap((when) => (when === 'always' ? [] : when));
    const anytime = whens.includes('always');
    const { firstPerson, antiPassback, twoPerson } = rules.door;
    const follows = firstPerson && !this.#isIn(person, firstPerson.groups);
    say(lockdown, 'lockdown');
    say(pass.blocked === true, 'blocked');
    say(groups.length === 0, 'no-group');
    const needsClock =
      [pass.validFrom, pass.validUntil].some((text) => text !== undefined) ||
      !anytime ||
      follows === true ||
      (antiPassback?.minutes !== undefined && !this.#isIn(person, antiPassback.exempt ?? [])) ||
      (Array.isArray(twoPerson?.when) && !this.#isIn(person, twoPerson.exempt ?? []));
    say(!trusted && needsClock, 'clock-untrusted');
    const wall = wallMinutes(time, rules.zone);
    if (pass.validFrom !== undefined) say(wall < wallOf(pass.validFrom), 'not-yet-valid');
    if (pass.validUntil !== undefined) {
      const end = wallOf(pass.validUntil) + (pass.validUntil.includes('T') ? 0 : 1440);
      say(wall >= end, 'expired');
    }
    const inside = anytime || names.some((name) => this.#covered(name, time));
    const without = names.some((name) => this.#covered(name, time, true));
    say(!inside && without, 'holiday');
    say(!inside && !without, 'outside-schedule');
    if (follows) {
      const late = firstPerson.when.some((name) => this.#covered(name, time));
      say(late && !this.#led(firstPerson.when, firstPerson.groups, time), 'first-person-missing');
    }
    if (antiPassback && antiPassback.mode !== 'soft')
      say(this.#again(person, { time }), antiPassback.mode === 'hard' ? 'anti-passback' : 'anti-passback-timed');
    return found;
  }

  #groups({ groups = [] }: Pass): string[] {
    const { ungrouped, groups: known } = this.#story.rules;
    const all = groups.length > 0 || ungrouped === undefined ? groups : [ungrouped];
    return all.filter((name) => name in known);
  }

  #isIn(person: string, groups: readonly string[]): boolean {
    return this.#groups(this.#story.people[person]).some((name) => groups.includes(name));
  }

  #again(person: string, { time }: Pick<Touch, 'time'>): boolean {
    const rule = this.#story.rules.door.antiPassback;
    if (!rule || this.#isIn(person, rule.exempt ?? [])) return false;
    const earlier = this.#diary.filter((entry) => entry.person === person).at(-1);
    if (!earlier) return false;
    return rule.minutes === undefined || time - earlier.touch.time < rule.minutes * 60_000;
  }

  #led(schedules: readonly string[], groups: readonly string[], time: number): boolean {
    return schedules.some((name) =>
      this.#diary.some(
        ({ person, touch }) =>
          touch.trusted &&
          this.#isIn(person, groups) &&
          this.#stretches(name, time).some((now) => this.#stretches(name, touch.time).includes(now)),
      ),
    );
  }

  #standsOpen({ time, trusted }: Touch): boolean {
    const { unlock } = this.#story.rules.door;
    if (!unlock || !trusted) return false;
    if (unlock.after) return this.#led(unlock.when, unlock.after, time);
    return unlock.when.some((name) => this.#covered(name, time));
  }

  #covered(name: string, time: number, ignoreHolidays = false): boolean {
    return this.#stretches(name, time, ignoreHolidays).length > 0;
  }

  /** The periods that are painted over this minute. */
  #stretches(name: string, time: number, ignoreHolidays = false): string[] {
    const { rules } = this.#story;
    const schedule = rules.schedules[name];
    const minute = wallMinutes(time, schedule.zone ?? rules.zone);
    const found: string[] = [];
    // Three days before are more than any period lasts.
    for (let day = Math.floor(minute / 1440) - 3; day <= Math.floor(minute / 1440); day++)
      for (const hours of hoursOf(rules, schedule, day, ignoreHolidays)) {
        const [from, to] = hours.split('-').map((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));
        const length = to > from ? to - from : to + 1440 - from;
        for (let painted = 0; painted < length; painted++)
          if (day * 1440 + from + painted === minute) found.push(`${day} ${hours}`);
      }
    return found;
  }
}

function hoursOf(rules: Written, schedule: WrittenSchedule, day: number, ignoreHolidays: boolean): readonly string[] {
  const date = dateOf(day);
  if (!ignoreHolidays)
    for (const [list, hours] of Object.entries(schedule.holidays))
      if (rules.holidays[list].some((entry) => isOn(date, entry))) return hours;
  const weekday = NAMES[(new Date(day * DAY).getUTCDay() + 6) % 7];
  return schedule.periods
    .map((period) => period.split(' '))
    .filter(([days]) => daysOf(days).includes(weekday))
    .map(([, hours]) => hours);
}

function dateOf(day: number): string {
  return new Date(day * DAY).toISOString().slice(0, 10);
}

function isOn(date: string, entry: string): boolean {
  if (!entry.includes('..')) return date.endsWith(entry);
  const [first, last] = entry.split('..').map((text) => Date.parse(text));
  for (let day = first; day <= last; day += DAY) if (day === Date.parse(date)) return true;
  return false;
}

function daysOf(text: string): string[] {
  if (text === 'daily') return NAMES;
  if (!text.includes('-')) return text.split(',');
  const [first, last] = text.split('-');
  const rotated = [...NAMES.slice(NAMES.indexOf(first)), ...NAMES.slice(0, NAMES.indexOf(first))];
  return rotated.slice(0, rotated.indexOf(last) + 1);
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Minutes that the clock on a wall shows, counted from 1970 as if it had never been set. */
function wallMinutes(time: number, zone: string): number {
  const clock =
    clocks.get(zone) ??
    new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23' });
  clocks.set(zone, clock);
  return wallOf(clock.format(time).replace(' ', 'T'));
}

function wallOf(text: string): number {
  return Date.parse(text.length === 10 ? `${text}T00:00Z` : `${text}Z`) / 60_000;
}
