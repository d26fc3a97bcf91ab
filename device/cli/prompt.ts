import { createInterface } from 'node:readline';
import { CliError } from './errors.ts';

/** Asks a person line by line; close it after use. */
export class Prompt {
  readonly #lines = createInterface({ input: process.stdin, terminal: false });
  readonly #answers = this.#lines[Symbol.asyncIterator]();

  /** @throws CliError `cli.no-answer` where nobody can answer */
  async ask(question: string): Promise<string> {
    process.stderr.write(`${question} `);
    const answer = await this.#answers.next();
    if (answer.done === true)
      throw new CliError(
        'cli.no-answer',
        'nobody answers: run this command at a terminal, with a person at the sensor',
      );
    return answer.value.trim();
  }

  close(): void {
    this.#lines.close();
  }
}
