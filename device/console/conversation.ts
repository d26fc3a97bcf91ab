import { encodePng } from '../imaging/encode.ts';
import { type Answer, checkAnswer, type Dialogue, type Question, type View } from '../provision/dialogue.ts';
import { ProvisionError } from '../provision/errors.ts';

/** Of what was said, so many lines stay on the page. */
const MOST_LINES = 40;

/** What the page shows of a step under way. */
export interface Shown {
  readonly lines: readonly string[];
  /** Numbered, so that an answer cannot go to another question. */
  readonly question?: Question & { readonly number: number };
  /** Its picture is fetched by its number, while it is the newest. */
  readonly view?: Omit<View, 'picture'> & { readonly picture?: number };
}

/** A dialogue with whoever has the page open. */
export class Conversation implements Dialogue {
  readonly #onChange: () => void;
  #lines: string[] = [];
  #asked: { readonly number: number; readonly question: Question; answer(given: Answer): void } | undefined;
  #view: View | undefined;
  #questions = 0;
  #views = 0;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get shown(): Shown {
    const asked = this.#asked;
    return {
      lines: this.#lines,
      ...(asked && { question: { ...asked.question, number: asked.number } }),
      ...(this.#view && { view: this.#seen(this.#view) }),
    };
  }

  /** Nothing of an earlier step stays. */
  clear(): void {
    this.#lines = [];
    this.#view = undefined;
    this.#onChange();
  }

  say(text: string): void {
    this.#lines = [...this.#lines, text].slice(-MOST_LINES);
    this.#onChange();
  }

  show(view: View | undefined): void {
    this.#view = view;
    this.#views++;
    this.#onChange();
  }

  ask(question: Question, signal: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const number = ++this.#questions;
      const over = (): void => {
        signal.removeEventListener('abort', withdraw);
        if (this.#asked?.number === number) this.#asked = undefined;
        this.#onChange();
      };
      const withdraw = (): void => {
        over();
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', withdraw, { once: true });
      this.#asked = {
        number,
        question,
        answer: (given) => {
          over();
          resolve(given);
        },
      };
      this.#onChange();
    });
  }

  /** @throws ProvisionError `provision.no-question` where another one is asked by now, `provision.bad-answer` */
  answer(number: number, given: Answer): void {
    if (this.#asked?.number !== number)
      throw new ProvisionError('provision.no-question', 'this is not asked any more: see what is asked now');
    this.#asked.answer(checkAnswer(this.#asked.question, given));
  }

  /** The picture that is seen now, as PNG; nothing keeps it. Undefined where it is gone. */
  async picture(number: number): Promise<Uint8Array | undefined> {
    const picture = this.#view?.picture;
    return picture === undefined || number !== this.#views ? undefined : encodePng(picture);
  }

  #seen({ picture, ...view }: View): NonNullable<Shown['view']> {
    return { ...view, ...(picture && { picture: this.#views }) };
  }
}
