import type { Pass } from '../gallery/pass.ts';
import { inWeek, periodsAt, type Schedule } from './schedule.ts';
import type { AntiPassback, GroupNames, Rules, When } from './rules.ts';
import type { Passage } from '../gallery/passage.ts';
import type { AccessState } from './state.ts';
import type { StopReason } from './stop-reason.ts';
import { wallText, wallTime, type WallTime } from './wall-time.ts';

const MS_A_MINUTE = 60_000;

/** When a touch happens. */
export interface Moment {
  /** The time of day, milliseconds since 1970. */
  readonly time: number;
  /** Whether the time of day can be relied on. Where it cannot, nothing that depends on it is allowed. */
  readonly trusted: boolean;
  /** Milliseconds that never jump. */
  readonly uptime: number;
}

export interface Candidate {
  /** Id. */
  readonly person: string;
  readonly pass: Pass;
}

/** Somebody who was recognised wants to pass. */
export interface Attempt extends Candidate {
  readonly moment: Moment;
  readonly lockdown: boolean;
  /** The pass of `AccessState.waiting`, as it is now. */
  readonly waiting?: Pass;
}

export type AccessVerdict =
  | {
      readonly kind: 'pass';
      /** Absent: as long as for anybody. */
      readonly openingMs?: number;
      /** Id of the other one of two people. */
      readonly with?: string;
      /** Passed this way twice, which soft anti-passback only reports. */
      readonly passback: boolean;
      /** What is to be remembered from now on. */
      readonly state: AccessState;
    }
  | { readonly kind: 'stop'; readonly reason: StopReason; readonly state: AccessState };

/** What the checks look at. */
interface Case {
  readonly rules: Rules;
  readonly state: AccessState;
  readonly attempt: Candidate & Pick<Attempt, 'moment' | 'lockdown'>;
  /** Groups of the person that the rules know. */
  readonly groups: readonly string[];
}

/** In the order of `STOP_REASONS`: the first that answers is the reason. */
const CHECKS: readonly ((it: Case) => StopReason | undefined)[] = [
  ({ attempt }) => (attempt.lockdown ? 'lockdown' : undefined),
  ({ attempt }) => (attempt.pass.blocked === true ? 'blocked' : undefined),
  ({ groups }) => (groups.length === 0 ? 'no-group' : undefined),
  (it) => (!it.attempt.moment.trusted && dependsOnTime(it) ? 'clock-untrusted' : undefined),
  validity,
  schedules,
  firstPerson,
  antiPassback,
];

/**
 * Whether somebody who was recognised may pass now, and if not why: the first of `STOP_REASONS` that holds. It is a
 * calculation over its arguments alone.
 */
export function judge(rules: Rules, state: AccessState, attempt: Attempt): AccessVerdict {
  const it = caseOf(rules, state, attempt);
  const reason = firstReason(it);
  if (reason !== undefined) return { kind: 'stop', reason, state };
  const partner = needsTwo(it) ? secondOf(it, attempt) : undefined;
  if (typeof partner === 'string') {
    const waiting = { person: attempt.person, since: attempt.moment.uptime };
    return { kind: 'stop', reason: partner, state: { ...state, waiting } };
  }
  const both = partner === undefined ? [it] : [partner, it];
  return {
    kind: 'pass',
    ...(both.some(({ attempt: { pass } }) => pass.extendedOpening) && { openingMs: rules.door.extendedOpeningMs }),
    ...(partner && { with: partner.attempt.person }),
    passback: both.some((one) => rules.door.antiPassback?.mode === 'soft' && repeats(one)),
    state: passed(state, both),
  };
}

/** Whether the rules keep the door unlocked for everybody at this moment. */
export function standsOpen({ door }: Rules, { leaders }: AccessState, moment: Moment): boolean {
  if (!door.unlock || !moment.trusted) return false;
  const { when, after } = door.unlock;
  if (after) return hasLeader(when, after, leaders, moment.time);
  return isWithin(when, moment.time);
}

function caseOf(rules: Rules, state: AccessState, attempt: Case['attempt']): Case {
  const { ungrouped } = rules;
  const named = attempt.pass.groups ?? [];
  const groups = named.length === 0 && ungrouped !== undefined ? [ungrouped] : named;
  return { rules, state, attempt, groups: groups.filter((name) => rules.groups.has(name)) };
}

function firstReason(it: Case): StopReason | undefined {
  for (const check of CHECKS) {
    const reason = check(it);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function dependsOnTime(it: Case): boolean {
  const { pass } = it.attempt;
  const { firstPerson: first, antiPassback: again, twoPerson } = it.rules.door;
  return (
    pass.validFrom !== undefined ||
    pass.validUntil !== undefined ||
    !whens(it).includes('always') ||
    (first !== undefined && !isIn(first.groups, it)) ||
    (again?.minutes !== undefined && !isIn(again.exempt, it)) ||
    (twoPerson !== undefined && twoPerson.when !== 'always' && !isIn(twoPerson.exempt, it))
  );
}

function validity({ rules, attempt: { pass, moment } }: Case): StopReason | undefined {
  const { validFrom, validUntil } = pass;
  if (validFrom === undefined && validUntil === undefined) return undefined;
  const wall = wallTime(moment.time, rules.zone);
  const now = wallText(wall);
  // A minute sorts behind its day, so a first day begins with its first minute.
  if (validFrom !== undefined && now < validFrom) return 'not-yet-valid';
  const isOver = validUntil?.includes('T') ? now >= validUntil : validUntil !== undefined && wall.date > validUntil;
  return isOver ? 'expired' : undefined;
}

function schedules(it: Case): StopReason | undefined {
  const all = whens(it);
  if (all.includes('always')) return undefined;
  const own = all.flatMap((when) => (when === 'always' ? [] : when));
  const { time } = it.attempt.moment;
  if (isWithin(own, time)) return undefined;
  return own.some((schedule) => inWeek(schedule, at(schedule, time))) ? 'holiday' : 'outside-schedule';
}

function firstPerson(it: Case): StopReason | undefined {
  const rule = it.rules.door.firstPerson;
  const { time } = it.attempt.moment;
  if (!rule || isIn(rule.groups, it) || !isWithin(rule.when, time)) return undefined;
  return hasLeader(rule.when, rule.groups, it.state.leaders, time) ? undefined : 'first-person-missing';
}

function antiPassback(it: Case): StopReason | undefined {
  const mode = it.rules.door.antiPassback?.mode;
  if (mode === undefined || mode === 'soft' || !repeats(it)) return undefined;
  return mode === 'hard' ? 'anti-passback' : 'anti-passback-timed';
}

/** Whether the person passed this way before in a sense that anti-passback minds. */
function repeats(it: Case): boolean {
  const rule = it.rules.door.antiPassback;
  if (!rule || isIn(rule.exempt, it) || !Object.hasOwn(it.state.passages, it.attempt.person)) return false;
  const last = it.state.passages[it.attempt.person];
  return last.side === it.rules.door.side && isRemembered(rule, last, it.attempt.moment.time);
}

function isRemembered({ minutes }: AntiPassback, { at: then }: Passage, now: number): boolean {
  // A clock that was corrected a little must not make a passage of a moment ago one that is yet to come.
  return minutes === undefined || Math.abs(now - then) < minutes * MS_A_MINUTE;
}

function needsTwo(it: Case): boolean {
  const rule = it.rules.door.twoPerson;
  if (!rule || isIn(rule.exempt, it)) return false;
  return rule.when === 'always' || isWithin(rule.when, it.attempt.moment.time);
}

/** The one who touched first, if they make two, or why they do not. */
function secondOf(it: Case, { waiting: pass }: Attempt): Case | StopReason {
  const { rules, state, attempt } = it;
  const { waiting } = state;
  const rule = rules.door.twoPerson;
  if (!rule || !waiting || !pass || waiting.person === attempt.person) return 'second-person-needed';
  const waited = attempt.moment.uptime - waiting.since;
  if (waited < 0 || waited > rule.withinMs) return 'second-person-needed';
  const first = caseOf(rules, state, { ...attempt, person: waiting.person, pass });
  // Whoever was blocked meanwhile does not help anybody through the door.
  if (firstReason(first) !== undefined) return 'second-person-needed';
  const { approvers } = rule;
  return approvers && ![first, it].some((one) => isIn(approvers, one)) ? 'approver-needed' : first;
}

function passed({ waiting, ...state }: AccessState, people: readonly Case[]): AccessState {
  const [{ rules, attempt }] = people;
  const { side, antiPassback: remembered, firstPerson: first, unlock } = rules.door;
  const { time, trusted } = attempt.moment;
  const arrivals = remembered ? people.map((one) => [one.attempt.person, { side, at: time }] as const) : [];
  const awaited = [...(first?.groups ?? []), ...(unlock?.after ?? [])];
  const led = trusted ? awaited.filter((group) => people.some(({ groups }) => groups.includes(group))) : [];
  const goesOn = waiting && people.every((one) => one.attempt.person !== waiting.person);
  // What does not change stays the same object, so that nobody writes it to disk again.
  return {
    passages: arrivals.length > 0 ? { ...state.passages, ...Object.fromEntries(arrivals) } : state.passages,
    leaders:
      led.length > 0 ? { ...state.leaders, ...Object.fromEntries(led.map((group) => [group, time])) } : state.leaders,
    ...(goesOn && { waiting }),
  };
}

/** Whether somebody of these groups passed in a period that goes on. */
function hasLeader(
  when: readonly Schedule[],
  groups: GroupNames,
  leaders: AccessState['leaders'],
  time: number,
): boolean {
  const times = [...groups].filter((group) => Object.hasOwn(leaders, group)).map((group) => leaders[group]);
  return when.some((schedule) => {
    const now = periodsAt(schedule, at(schedule, time));
    return times.some((then) => periodsAt(schedule, at(schedule, then)).some((period) => now.includes(period)));
  });
}

function whens({ rules, groups }: Case): When[] {
  return groups.flatMap((name) => {
    const when = rules.groups.get(name);
    return when === undefined ? [] : [when];
  });
}

function isIn(names: GroupNames, { groups }: Case): boolean {
  return groups.some((name) => names.has(name));
}

function isWithin(when: readonly Schedule[], time: number): boolean {
  return when.some((schedule) => periodsAt(schedule, at(schedule, time)).length > 0);
}

function at({ zone }: Schedule, time: number): WallTime {
  return wallTime(time, zone);
}
