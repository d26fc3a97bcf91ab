import { z } from 'zod';

const time = z.int();

/** A person's last passage at this door. */
export const passageSchema = z.strictObject({ side: z.enum(['entry', 'exit']), at: time });
export type Passage = z.infer<typeof passageSchema>;

/** When somebody of a group that others wait for passed last, by the group's name. */
export const leadersSchema = z.record(z.string(), time);
export type Leaders = Readonly<z.infer<typeof leadersSchema>>;

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
