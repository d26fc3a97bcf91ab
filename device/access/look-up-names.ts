import type { GroupNames, Rules, When } from './rules.ts';
import type { WrittenRules } from './rules-schema.ts';
import type { HolidayList, Period, Schedule } from './schedule.ts';

const MS_A_SECOND = 1_000;

/** Looks up the names of rules that have no unknown ones. */
export function rulesOf({ zone, ungrouped, holidays, schedules, groups, door }: WrittenRules): Rules {
  const lists = new Map(Object.entries(holidays).map(([name, entries]) => [name, holidayList(entries)]));
  const known = new Map(
    Object.entries(schedules).map(([name, schedule]): [string, Schedule] => [
      name,
      {
        name,
        zone: schedule.zone ?? zone,
        week: weekOf(schedule.periods),
        holidays: Object.entries(schedule.holidays).flatMap(([list, periods]) => {
          const found = lists.get(list);
          return found ? [{ list: found, periods }] : [];
        }),
      },
    ]),
  );
  const schedulesOf = (names: readonly string[]): Schedule[] =>
    names.flatMap((name) => {
      const found = known.get(name);
      return found ? [found] : [];
    });
  const whenOf = (when: 'always' | readonly string[]): When => (when === 'always' ? when : schedulesOf(when));
  const { side, extendedOpening, unlock, firstPerson, twoPerson, antiPassback } = door;
  return {
    zone,
    ...(ungrouped !== undefined && { ungrouped }),
    groups: new Map(Object.entries(groups).map(([name, { when }]) => [name, whenOf(when)])),
    door: {
      side,
      extendedOpeningMs: extendedOpening * MS_A_SECOND,
      ...(unlock && {
        unlock: { when: schedulesOf(unlock.when), ...(unlock.after && { after: namesOf(unlock.after) }) },
      }),
      ...(firstPerson && {
        firstPerson: { when: schedulesOf(firstPerson.when), groups: namesOf(firstPerson.groups) },
      }),
      ...(twoPerson && {
        twoPerson: {
          when: whenOf(twoPerson.when),
          withinMs: twoPerson.within * MS_A_SECOND,
          ...(twoPerson.approvers && { approvers: namesOf(twoPerson.approvers) }),
          exempt: namesOf(twoPerson.exempt),
        },
      }),
      ...(antiPassback && { antiPassback: { ...antiPassback, exempt: namesOf(antiPassback.exempt) } }),
    },
  };
}

function namesOf(names: readonly string[]): GroupNames {
  return new Set(names);
}

function weekOf(periods: WrittenRules['schedules'][string]['periods']): Period[][] {
  return Array.from({ length: 7 }, (_, weekday) =>
    periods.filter(({ days }) => days.includes(weekday)).map(({ from, to }) => ({ from, to })),
  );
}

function holidayList(entries: readonly string[]): HolidayList {
  const spans = entries.map((entry) => entry.split('..'));
  return {
    days: new Set(spans.filter(({ length }) => length === 1).map(([day]) => day)),
    ranges: spans.filter(({ length }) => length === 2).map(([first, last]) => [first, last]),
  };
}
