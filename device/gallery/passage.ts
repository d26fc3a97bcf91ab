import { z } from 'zod';

const time = z.int();

/** A person's last passage at this door. */
export const passageSchema = z.strictObject({
  side: z.enum(['entry', 'exit']),
  /** Milliseconds since 1970. */
  at: time,
});
export type Passage = z.infer<typeof passageSchema>;

/** When somebody of a group that others wait for passed last, by the group's name. */
export const leadersSchema = z.record(z.string(), time);
export type Leaders = Readonly<z.infer<typeof leadersSchema>>;
