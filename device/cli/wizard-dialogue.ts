import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import colors from 'picocolors';
import { WhorlError } from '../errors.ts';
import {
  type Answer,
  checkAnswer,
  type Dialogue,
  type Field,
  type Question,
  type View,
} from '../provision/dialogue.ts';
import { ProvisionError } from '../provision/errors.ts';
import { CliError } from './errors.ts';
import type { Output } from './output.ts';

const BAR = 20;

/** A dialogue with whoever sits at the board's own screen, line by line; close it after use. */
export class WizardDialogue implements Dialogue {
  readonly #output: Output;
  readonly #lines = createInterface({ input: process.stdin, terminal: false });
  readonly #waiting: string[] = [];
  #listener: ((line: string | undefined) => void) | undefined;
  #ended = false;
  #shown = '';

  constructor(output: Output) {
    this.#output = output;
    this.#lines.on('line', (line) => {
      if (this.#listener) this.#listener(line);
      else this.#waiting.push(line);
    });
    this.#lines.on('close', () => {
      this.#ended = true;
      this.#listener?.(undefined);
    });
  }

  say(text: string): void {
    this.#output.note(text);
  }

  /** In words: a picture is to be seen on the page only, for a screen's lines are kept. */
  show(view: View | undefined): void {
    const words = view === undefined ? '' : inWords(view);
    if (words !== this.#shown && words !== '') this.#output.note(words);
    this.#shown = words;
  }

  async ask(question: Question, signal: AbortSignal): Promise<Answer> {
    const { text, fields = [], choices } = question;
    for (;;) {
      process.stderr.write(`\n${colors.bold(text)}\n`);
      const words = choices.map(({ label }, index) => `  ${index + 1}  ${label}\n`).join('');
      process.stderr.write(choices.length > 1 ? words : `  Enter: ${choices[0].label}\n`);
      const picked = await this.#read(choices.length > 1 ? `1 to ${choices.length} (Enter: 1) ` : '', signal);
      const number = picked === '' ? 1 : Number(picked);
      if (!Number.isInteger(number) || number < 1 || number > choices.length) continue;
      const choice = choices[number - 1].id;
      try {
        const values: Record<string, string> = {};
        if (number === 1) for (const field of fields) values[field.name] = await this.#fill(field, signal);
        return checkAnswer(question, { choice, values });
      } catch (error) {
        if (!(error instanceof WhorlError) || error.code === 'provision.no-answer') throw error;
        this.#output.note(error.message);
      }
    }
  }

  close(): void {
    this.#lines.close();
  }

  async #fill(field: Field, signal: AbortSignal): Promise<string> {
    const { label, value = '' } = field;
    switch (field.kind) {
      case 'text':
        return (await this.#read(`${label}${value === '' ? '' : ` (Enter: ${value})`}: `, signal)) || value;
      case 'choice': {
        const options = field.options.map((option) => option.value);
        return this.#read(`${label}: ${options.join(', ')} (Enter: ${field.value ?? options[0]}) `, signal);
      }
      case 'lines': {
        const file = await this.#read(`${label}: a file (Enter: as they are) `, signal);
        if (file === '') return value;
        try {
          return readFileSync(file, 'utf8');
        } catch (cause) {
          throw new CliError('cli.unreadable-file', `${file} cannot be read`, { cause });
        }
      }
    }
  }

  #read(prompt: string, signal: AbortSignal): Promise<string> {
    process.stderr.write(prompt);
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const over = (): void => {
        this.#listener = undefined;
        signal.removeEventListener('abort', withdraw);
      };
      const withdraw = (): void => {
        over();
        reject(signal.reason as Error);
      };
      const take = (line: string | undefined): void => {
        over();
        if (line === undefined)
          reject(new ProvisionError('provision.no-answer', 'nobody answers: run this at a terminal, or use --page'));
        else resolve(line.trim());
      };
      signal.addEventListener('abort', withdraw, { once: true });
      const line = this.#waiting.shift();
      if (line !== undefined || this.#ended) take(line);
      else this.#listener = take;
    });
  }
}

function inWords({ words, quality, touches, tone }: View): string {
  const bar =
    quality === undefined ? '' : ` ${'█'.repeat(Math.round((BAR * quality) / 100)).padEnd(BAR, '░')} ${quality}`;
  const count = touches === undefined ? '' : ` (${touches.done} of ${touches.of})`;
  const text = `${words}${count}${bar}`;
  return tone === 'good' ? colors.green(text) : tone === 'again' ? colors.yellow(text) : text;
}
