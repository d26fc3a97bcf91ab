import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../durable-file.ts';
import { WhorlError } from '../errors.ts';
import type { Dialogue } from './dialogue.ts';
import { ProvisionError } from './errors.ts';
import { type Step, type StepOutcome, verdictOf } from './step.ts';
import type { Workbench } from './workbench.ts';

/** What was found so far, in the state directory: a technician goes on after a power cut. */
const PROGRESS_FILE = 'provisioning.json';

/** What came of a step. */
export const stepResultSchema = z.strictObject({
  verdict: z.enum(['passed', 'noted', 'failed', 'skipped']),
  findings: z.array(z.strictObject({ mark: z.enum(['good', 'note', 'act']), words: z.string() })),
  /** When it was finished, RFC 3339. */
  at: z.string(),
  /** Who did it. */
  operator: z.string(),
});
export type StepResult = z.infer<typeof stepResultSchema>;

const progressSchema = z.strictObject({ version: z.literal(1), results: z.record(z.string(), stepResultSchema) });

/** A step, and what came of it last. */
export interface StepState extends Pick<Step, 'id' | 'title' | 'purpose'> {
  readonly result?: StepResult;
}

/** The technician's steps and what came of them. One step at a time: there is one sensor and one door. */
export class Provisioning {
  readonly #steps: readonly Step[];
  readonly #path: string;
  readonly #results: Record<string, StepResult>;
  #running: string | undefined;

  /**
   * @param state the directory that remembers
   * @throws ProvisionError `provision.unreadable-progress`
   */
  constructor(steps: readonly Step[], state: string) {
    this.#steps = steps;
    this.#path = join(state, PROGRESS_FILE);
    this.#results = readProgress(this.#path);
  }

  /** Every step, in order. */
  get states(): StepState[] {
    return this.#steps.map(({ id, title, purpose }) => ({
      ...{ id, title, purpose },
      ...(Object.hasOwn(this.#results, id) && { result: this.#results[id] }),
    }));
  }

  /** Of the step that is under way. */
  get running(): string | undefined {
    return this.#running;
  }

  /**
   * Does a step, anew where it was done before. A part that fails is what the step found; a step that was called off
   * leaves what was found before.
   *
   * @throws ProvisionError `provision.unknown-step`, `provision.busy`; the signal's reason when aborted
   */
  async run(id: string, bench: Workbench, dialogue: Dialogue, signal: AbortSignal): Promise<StepResult> {
    const step = this.#steps.find((one) => one.id === id);
    if (step === undefined) throw new ProvisionError('provision.unknown-step', `there is no step "${id}"`);
    return this.alone(id, async () => {
      const outcome = await found(step, bench, dialogue, signal);
      const { findings } = outcome;
      const at = new Date(bench.clock.now()).toISOString();
      const result = { verdict: verdictOf(outcome), findings: [...findings], at, operator: bench.operator };
      this.#results[id] = result;
      writeProgress(this.#path, this.#results);
      return result;
    });
  }

  /**
   * Does what is no step and needs the sensor for itself.
   *
   * @throws ProvisionError `provision.busy`
   */
  async alone<T>(id: string, work: () => Promise<T>): Promise<T> {
    if (this.#running !== undefined)
      throw new ProvisionError('provision.busy', `"${this.#running}" is under way: end it first`);
    this.#running = id;
    try {
      return await work();
    } finally {
      this.#running = undefined;
    }
  }
}

async function found(step: Step, bench: Workbench, dialogue: Dialogue, signal: AbortSignal): Promise<StepOutcome> {
  try {
    return await step.run(bench, dialogue, signal);
  } catch (error) {
    signal.throwIfAborted();
    // What is wrong with the conversation is nothing that was found.
    if (!(error instanceof WhorlError) || error instanceof ProvisionError) throw error;
    return { findings: [{ mark: 'act', words: `${error.code}: ${error.message}` }] };
  }
}

function readProgress(path: string): Record<string, StepResult> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return {};
  }
  try {
    return progressSchema.parse(JSON.parse(text)).results;
  } catch (cause) {
    throw new ProvisionError(
      'provision.unreadable-progress',
      `${path} cannot be read: remove it, and do the steps again`,
      { cause },
    );
  }
}

function writeProgress(path: string, results: Readonly<Record<string, StepResult>>): void {
  replaceFile(path, JSON.stringify({ version: 1, results }, undefined, 2));
}
