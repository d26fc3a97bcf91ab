import { z } from 'zod';
import { FINGER_POSITIONS, type FingerPosition } from './finger-position.ts';
import { type Pass, passSchema } from './pass.ts';
import type { TouchTemplate } from './template-codec.ts';

export interface Person {
  /** Random; the only thing of a person that ever leaves the gallery unsealed. */
  readonly id: string;
  readonly name: string;
  /** How another system knows the person: a personnel or card number. */
  readonly externalId?: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly pass: Pass;
  readonly fingers: readonly Finger[];
}

export interface Finger {
  /** Random. */
  readonly id: string;
  readonly position: FingerPosition;
  /** ISO 8601. */
  readonly enrolledAt: string;
  readonly templates: readonly StoredTemplate[];
}

export interface StoredTemplate {
  /** Random. */
  readonly id: string;
  readonly template: TouchTemplate;
}

/** A person as the gallery is read for recognition: each touch packed, as it is stored, and unpacked. */
export type PackedPerson = Pick<Person, 'id' | 'name'> & {
  readonly fingers: readonly (Pick<Finger, 'id' | 'position'> & {
    readonly templates: readonly (StoredTemplate & { readonly packed: Uint8Array })[];
  })[];
};

/** What is sealed of a person. */
export type PersonRecord = Pick<Person, 'name' | 'externalId' | 'createdAt' | 'pass'>;
/** What is sealed of a finger. */
export type FingerRecord = Pick<Finger, 'position' | 'enrolledAt'>;

/** People have no more of them. */
export const MOST_FINGERS = 10;

/** Of names and external ids, in characters. */
const LONGEST_TEXT = 200;

const text = z
  .string()
  .trim()
  .min(1)
  .max(LONGEST_TEXT)
  .regex(/^\P{Cc}*$/u, 'must not have control characters');

/** What an operator says of a new person. */
export const newPersonSchema = z.strictObject({ name: text, externalId: text.exactOptional() });
export type NewPerson = z.infer<typeof newPersonSchema>;

export const personRecordSchema = newPersonSchema.extend({
  createdAt: z.iso.datetime(),
  pass: passSchema.default({}),
});
export const fingerRecordSchema = z.strictObject({
  position: z.enum(FINGER_POSITIONS),
  enrolledAt: z.iso.datetime(),
});
