import type { Leaders, Passage } from '../gallery/passage.ts';

/** The first of two people: the second must come soon. */
export interface Waiting {
  readonly person: string;
  /** `Moment.uptime` of the touch: a wait is a duration, which no setting of the clock may lengthen. */
  readonly since: number;
}

/** What the rules remember of earlier touches. It is a value: a verdict holds the next one. */
export interface AccessState {
  /** By person. Only of those whom the touch at hand concerns. */
  readonly passages: Readonly<Record<string, Passage>>;
  readonly leaders: Leaders;
  readonly waiting?: Waiting;
}
