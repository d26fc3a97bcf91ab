import type { Pass } from '../gallery/pass.ts';
import { inWeek, periodsAt, type Schedule } from './schedule.ts';
import type { AntiPassback, GroupNames, Rules, When } from './rules.ts';
import type { Passage } from '../gallery/passage.ts';
import type { AccessState } from './state.ts';
import type { StopReason } from './stop-reason.ts';
import { Instant, wallText } from './wall-time.ts';

const MS_A_MINUTE = 60_000;
/** More than any period lasts, whatever is done to the clock on the wall meanwhile. */
const LONGEST_PERIOD_MS = 48 * 60 * MS_A_MINUTE;

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
  readonly now: Instant;
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
  const now = new Instant(attempt.moment.time);
  const it = caseOf(rules, state, attempt, now);
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
  const now = new Instant(moment.time);
  return after ? hasLeader(when, after, leaders, now) : isWithin(when, now);
}

function caseOf(rules: Rules, state: AccessState, attempt: Case['attempt'], now: Instant): Case {
  const { ungrouped } = rules;
  const named = attempt.pass.groups ?? [];
  const groups = named.length === 0 && ungrouped !== undefined ? [ungrouped] : named;
  return { rules, state, attempt, now, groups: groups.filter((name) => rules.groups.has(name)) };
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

function validity({ rules, now, attempt: { pass } }: Case): StopReason | undefined {
  const { validFrom, validUntil } = pass;
  if (validFrom === undefined && validUntil === undefined) return undefined;
  const wall = now.wall(rules.zone);
  const text = wallText(wall);
  // A minute sorts behind its day, so a first day begins with its first minute.
  if (validFrom !== undefined && text < validFrom) return 'not-yet-valid';
  const isOver = validUntil?.includes('T')
    ? text >= validUntil
    : validUntil !== undefined && wall.today.date > validUntil;
  return isOver ? 'expired' : undefined;
}

function schedules(it: Case): StopReason | undefined {
  const all = whens(it);
  if (all.includes('always')) return undefined;
  const own = all.flatMap((when) => (when === 'always' ? [] : when));
  if (isWithin(own, it.now)) return undefined;
  return own.some((schedule) => inWeek(schedule, it.now.wall(schedule.zone))) ? 'holiday' : 'outside-schedule';
}

function firstPerson(it: Case): StopReason | undefined {
  const rule = it.rules.door.firstPerson;
  if (!rule || isIn(rule.groups, it) || !isWithin(rule.when, it.now)) return undefined;
  return hasLeader(rule.when, rule.groups, it.state.leaders, it.now) ? undefined : 'first-person-missing';
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
  return rule.when === 'always' || isWithin(rule.when, it.now);
}

/** The one who touched first, if they make two, or why they do not. */
function secondOf(it: Case, { waiting: pass }: Attempt): Case | StopReason {
  const { rules, state, attempt } = it;
  const { waiting } = state;
  const rule = rules.door.twoPerson;
  if (!rule || !waiting || !pass || waiting.person === attempt.person) return 'second-person-needed';
  const waited = attempt.moment.uptime - waiting.since;
  if (waited < 0 || waited > rule.withinMs) return 'second-person-needed';
  const first = caseOf(rules, state, { ...attempt, person: waiting.person, pass }, it.now);
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
  const isAwaited = (group: string): boolean => first?.groups.has(group) === true || unlock?.after?.has(group) === true;
  const led = trusted ? people.flatMap(({ groups }) => groups.filter(isAwaited)) : [];
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
  now: Instant,
): boolean {
  const times = [...groups].filter((group) => Object.hasOwn(leaders, group)).map((group) => leaders[group]);
  const passages = [...new Set(times)]
    .filter((then) => Math.abs(now.time - then) < LONGEST_PERIOD_MS)
    .map((then) => new Instant(then));
  return when.some((schedule) => {
    const going = periodsAt(schedule, now.wall(schedule.zone));
    if (going.length === 0) return false;
    return passages.some((then) =>
      periodsAt(schedule, then.wall(schedule.zone)).some((period) => going.includes(period)),
    );
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

function isWithin(when: readonly Schedule[], now: Instant): boolean {
  return when.some((schedule) => periodsAt(schedule, now.wall(schedule.zone)).length > 0);
}
