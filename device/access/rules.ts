import type { Schedule } from './schedule.ts';

/** When something holds: at any time, without asking a clock, or while one of these schedules has the moment. */
export type When = 'always' | readonly Schedule[];

/** On which side of the door the terminal is: passing here lets people in, or out. */
export type Side = 'entry' | 'exit';

/** Who may not be looked for in the rules again: a set of groups' names. */
export type GroupNames = ReadonlySet<string>;

export interface AntiPassback {
  /**
   * `hard` refuses and `soft` reports whoever passes on this side twice without having passed on the other; `timed`
   * refuses whoever passed here less than `minutes` ago.
   */
  readonly mode: 'hard' | 'soft' | 'timed';
  /** For `timed`: how long. For the others: after how long a passage is forgotten; never when it is absent. */
  readonly minutes?: number;
  readonly exempt: GroupNames;
}

export interface DoorRules {
  readonly side: Side;
  /** How long the door stays unlocked for people who need longer, milliseconds. */
  readonly extendedOpeningMs: number;
  /** When the door stands unlocked for everybody; with `after`, not before somebody of these groups has passed. */
  readonly unlock?: { readonly when: readonly Schedule[]; readonly after?: GroupNames };
  /** In each period of `when` nobody passes before somebody of `groups` has. */
  readonly firstPerson?: { readonly when: readonly Schedule[]; readonly groups: GroupNames };
  /** Two different people must touch within `withinMs`; with `approvers`, one of them must belong to these. */
  readonly twoPerson?: {
    readonly when: When;
    readonly withinMs: number;
    readonly approvers?: GroupNames;
    readonly exempt: GroupNames;
  };
  readonly antiPassback?: AntiPassback;
}

/** Who may pass one door, and when. */
export interface Rules {
  /** IANA name of the door's time zone: dates of validity follow it. */
  readonly zone: string;
  /** The group of those who were put into none; without it they may not pass. */
  readonly ungrouped?: string;
  readonly groups: ReadonlyMap<string, When>;
  readonly door: DoorRules;
}
