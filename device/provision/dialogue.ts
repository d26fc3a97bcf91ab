import type { GrayImage } from '../imaging/gray-image.ts';
import { ProvisionError } from './errors.ts';

/** Something a person is asked to write or choose. */
export type Field = { readonly name: string; readonly label: string; readonly value?: string } & (
  | { readonly kind: 'text'; readonly required: boolean }
  /** Several lines: rules in YAML. */
  | { readonly kind: 'lines' }
  | { readonly kind: 'choice'; readonly options: readonly { readonly value: string; readonly label: string }[] }
);

export interface Choice {
  readonly id: string;
  readonly label: string;
}

/** What a step asks a person: fields to fill in, and how to go on; the first choice is the usual one. */
export interface Question {
  readonly text: string;
  readonly fields?: readonly Field[];
  readonly choices: readonly Choice[];
}

export interface Answer {
  readonly choice: string;
  /** By field; what was left empty is ''. */
  readonly values: Readonly<Record<string, string>>;
}

/** What somebody at the sensor sees while it happens. */
export interface View {
  /** What to do, or what became of the last touch. */
  readonly words: string;
  readonly tone: 'ask' | 'good' | 'again';
  /** For the technician's eyes, and nowhere kept. */
  readonly picture?: GrayImage;
  /** Of the last touch, 0 to 100. */
  readonly quality?: number;
  readonly touches?: { readonly done: number; readonly of: number };
}

/** How a step speaks with the person who provisions a board, at a screen or through the page. */
export interface Dialogue {
  /** A line that stays: what was done or seen. */
  say(text: string): void;
  /** What is seen now; replaces what was shown before. Nothing ends it. */
  show(view: View | undefined): void;
  /** Rejects with the signal's reason when aborted: the question is withdrawn. */
  ask(question: Question, signal: AbortSignal): Promise<Answer>;
}

const LONGEST_TEXT = 200;
const LONGEST_LINES = 50_000;

/**
 * An answer as the question allows it, without anything that was not asked for.
 *
 * @throws ProvisionError `provision.bad-answer`
 */
export function checkAnswer({ fields = [], choices }: Question, { choice, values }: Answer): Answer {
  if (!choices.some(({ id }) => id === choice)) throw bad(`there is no choice "${choice}"`);
  const usual = choice === choices[0].id;
  return {
    choice,
    values: Object.fromEntries(
      fields.map((field) => [
        field.name,
        checkValue(field, Object.hasOwn(values, field.name) ? values[field.name] : '', usual),
      ]),
    ),
  };
}

/** What is required is required of who goes on, not of who turns back. */
function checkValue(field: Field, value: string, usual: boolean): string {
  switch (field.kind) {
    case 'text': {
      const text = value.trim();
      if (text === '' && field.required && usual) throw bad(`${field.label}: say something here`);
      if (text.length > LONGEST_TEXT || /\p{Cc}/u.test(text))
        throw bad(`${field.label}: it must be at most ${LONGEST_TEXT} characters in one line`);
      return text;
    }
    case 'lines':
      if (value.length > LONGEST_LINES) throw bad(`${field.label}: it must be at most ${LONGEST_LINES} characters`);
      return value;
    case 'choice':
      if (value === '') return field.value ?? field.options[0].value;
      if (!field.options.some((option) => option.value === value))
        throw bad(`${field.label}: "${value}" cannot be chosen`);
      return value;
  }
}

function bad(message: string): ProvisionError {
  return new ProvisionError('provision.bad-answer', message);
}

/** Asks until something happens by itself. `undefined`: it happened. */
export async function askUntil(
  dialogue: Dialogue,
  question: Question,
  happening: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  try {
    return await Promise.race([dialogue.ask(question, until), happening(until).then(() => undefined)]);
  } finally {
    over.abort();
  }
}
