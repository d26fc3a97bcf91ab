import type { Pass } from '../../device/gallery/pass.ts';
import { FINGER_POSITIONS } from '../../device/gallery/finger-position.ts';

/** Rules as they are written. */
export interface WrittenSchedule {
  readonly zone?: string;
  readonly periods: readonly string[];
  readonly holidays: Readonly<Record<string, readonly string[]>>;
}
export interface Written {
  readonly version: 1;
  readonly zone: string;
  readonly ungrouped?: string;
  readonly holidays: Readonly<Record<string, readonly string[]>>;
  readonly schedules: Readonly<Record<string, WrittenSchedule>>;
  readonly groups: Readonly<Record<string, { readonly when: 'always' | readonly string[] }>>;
  readonly door: {
    readonly side?: 'entry' | 'exit';
    readonly extendedOpening?: number;
    readonly unlock?: { readonly when: readonly string[]; readonly after?: readonly string[] };
    readonly firstPerson?: { readonly when: readonly string[]; readonly groups: readonly string[] };
    readonly twoPerson?: {
      readonly when?: 'always' | readonly string[];
      readonly within?: number;
      readonly approvers?: readonly string[];
      readonly exempt?: readonly string[];
    };
    readonly antiPassback?: {
      readonly mode: 'hard' | 'soft' | 'timed';
      readonly minutes?: number;
      readonly exempt?: readonly string[];
    };
  };
}

/** One touch of a story: who, when, and under which circumstances. */
export interface Touch {
  readonly person: string;
  readonly time: number;
  readonly uptime: number;
  readonly trusted: boolean;
  readonly lockdown: boolean;
}

/** Rules, people, and touches one after the other. */
export interface Story {
  readonly rules: Written;
  readonly people: Readonly<Record<string, Pass>>;
  readonly touches: readonly Touch[];
}

/** Zones whose clocks do what others do not: half hours, two hours, changes at midnight, days left out, none at all. */
export const ZONES = [
  'UTC',
  'Europe/Zurich',
  'America/New_York',
  'America/Havana',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Chatham',
  'Africa/Casablanca',
  'Asia/Beirut',
  'Asia/Kathmandu',
  'Antarctica/Troll',
] as const;

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const MINUTE = 60_000;
const DAY = 86_400_000;
const FIRST_YEAR = 2023;
const LAST_YEAR = 2029;

/** A random story; the same source of numbers tells the same one. */
export function randomStory(random: () => number, changes: ReadonlyMap<string, readonly number[]>): Story {
  const below = (n: number): number => Math.floor(random() * n);
  const chance = (p: number): boolean => random() < p;
  const oneOf = <T>(all: readonly T[]): T => all[below(all.length)];
  const some = <T>(all: readonly T[], p: number): T[] => all.filter(() => chance(p));
  const atLeastOne = <T>(all: readonly T[], p: number): T[] => {
    const found = some(all, p);
    return found.length > 0 ? found : [oneOf(all)];
  };
  const minute = (): number => (chance(0.3) ? 30 * below(48) : chance(0.5) ? below(240) : below(1440));
  const clock = (at: number): string =>
    `${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`;
  const hours = (): string => {
    if (chance(0.1)) return '00:00-24:00';
    const from = minute();
    const to = minute();
    return `${clock(from)}-${clock(to === from ? from + 1 : to)}`;
  };
  const days = (): string => {
    if (chance(0.3)) return 'daily';
    return chance(0.5) ? `${oneOf(DAYS)}-${oneOf(DAYS)}` : atLeastOne(DAYS, 0.3).join(',');
  };

  const zone = oneOf(ZONES);
  const moment = momentNear(zone);
  const dayText = (time: number): string => new Date(time).toISOString().slice(0, 10);
  function momentNear(where: string): number {
    const found = changes.get(where) ?? [];
    if (found.length > 0 && chance(0.4)) return oneOf(found) + (random() - 0.5) * 8 * 60 * MINUTE;
    const year = FIRST_YEAR + below(LAST_YEAR - FIRST_YEAR);
    if (chance(0.2)) return Date.UTC(oneOf([2024, 2028, year]), 1, 28) + random() * 3 * DAY;
    if (chance(0.2)) return Date.UTC(year, 11, 31) + random() * 2 * DAY;
    return Date.UTC(year, 0, 1) + random() * 365 * DAY;
  }
  const near = (): number => moment + (below(5) - 2) * DAY;
  const holiday = (): string => {
    const day = dayText(near());
    if (chance(0.3)) return day.slice(5);
    return chance(0.3) ? `${day}..${dayText(Date.parse(day) + below(4) * DAY)}` : day;
  };
  const list = <T>(most: number, make: () => T): T[] => Array.from({ length: below(most + 1) }, make);
  const named = <T>(prefix: string, count: number, make: () => T): Record<string, T> =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}${i}`, make()]));

  const holidays = named('h', below(3), () => list(3, holiday));
  const schedules = named('s', 1 + below(3), () => ({
    ...(chance(0.2) && { zone: oneOf(ZONES) }),
    periods: list(3, () => `${days()} ${hours()}`),
    holidays: Object.fromEntries(some(Object.keys(holidays), 0.6).map((name) => [name, list(2, hours)])),
  }));
  const scheduleNames = Object.keys(schedules);
  const groups = named('g', 1 + below(3), () => ({
    when: chance(0.3) ? ('always' as const) : atLeastOne(scheduleNames, 0.4),
  }));
  const groupNames = Object.keys(groups);
  const mode = oneOf(['hard', 'soft', 'timed'] as const);
  const rules: Written = {
    version: 1,
    zone,
    ...(chance(0.7) && { ungrouped: oneOf(groupNames) }),
    holidays,
    schedules,
    groups,
    door: {
      ...(chance(0.5) && { side: oneOf(['entry', 'exit'] as const) }),
      ...(chance(0.3) && { extendedOpening: 20 }),
      ...(chance(0.3) && {
        unlock: { when: atLeastOne(scheduleNames, 0.5), ...(chance(0.6) && { after: atLeastOne(groupNames, 0.4) }) },
      }),
      ...(chance(0.25) && {
        firstPerson: { when: atLeastOne(scheduleNames, 0.5), groups: atLeastOne(groupNames, 0.3) },
      }),
      ...(chance(0.3) && {
        twoPerson: {
          ...(chance(0.5) && { when: chance(0.5) ? ('always' as const) : atLeastOne(scheduleNames, 0.4) }),
          ...(chance(0.5) && { within: 10 }),
          ...(chance(0.6) && { approvers: atLeastOne(groupNames, 0.1) }),
          exempt: some(groupNames, 0.05),
        },
      }),
      ...(chance(0.4) && {
        antiPassback: {
          mode,
          ...((mode === 'timed' || chance(0.4)) && { minutes: 1 + below(30) }),
          exempt: some(groupNames, 0.2),
        },
      }),
    },
  };
  const people = named('p', 3, (): Pass => ({
    ...(chance(0.8) && { groups: chance(0.95) ? atLeastOne(groupNames, 0.4) : ['gone'] }),
    ...(chance(0.2) && { validFrom: limit() }),
    ...(chance(0.2) && { validUntil: limit() }),
    ...(chance(0.1) && { blocked: chance(0.7) }),
    ...(chance(0.1) && { duress: [oneOf(FINGER_POSITIONS.slice(1))] as NonNullable<Pass['duress']> }),
    ...(chance(0.2) && { extendedOpening: chance(0.8) }),
  }));
  function limit(): string {
    const day = dayText(near());
    return chance(0.5) ? day : `${day}T${clock(minute())}`;
  }
  const names = Object.keys(people);
  const touches: Touch[] = [];
  let time = Math.floor(moment);
  let uptime = below(1_000_000);
  for (let i = 1 + below(5); i > 0; i--) {
    const passed = chance(0.6) ? below(25_000) : chance(0.5) ? below(40 * MINUTE) : below(2 * DAY);
    time += passed;
    uptime += passed;
    touches.push({ person: oneOf(names), time, uptime, trusted: chance(0.9), lockdown: chance(0.03) });
  }
  return { rules, people, touches };
}

/** When the clocks of every zone are set forth or back, found without any library of time zones. */
export function clockChanges(): Map<string, number[]> {
  return new Map(
    ZONES.map((zone) => {
      const wall = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
      const offset = (time: number): string =>
        wall.formatToParts(time).find(({ type }) => type === 'timeZoneName')?.value ?? '';
      const found: number[] = [];
      for (let day = Date.UTC(FIRST_YEAR, 0, 1); day < Date.UTC(LAST_YEAR, 0, 1); day += DAY) {
        if (offset(day) === offset(day + DAY)) continue;
        let [before, after] = [day, day + DAY];
        while (after - before > MINUTE) {
          const middle = before + Math.floor((after - before) / 2 / MINUTE) * MINUTE;
          if (offset(middle) === offset(day)) before = middle;
          else after = middle;
        }
        found.push(after);
      }
      return [zone, found];
    }),
  );
}
