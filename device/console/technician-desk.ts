import { accept, lastReport, type KeptReport } from '../provision/acceptance/accept.ts';
import type { AcceptanceReport } from '../provision/acceptance/report.ts';
import { enrolPerson } from '../provision/enrol-person.ts';
import type { Answer } from '../provision/dialogue.ts';
import { ProvisionError } from '../provision/errors.ts';
import type { Provisioning, StepState } from '../provision/provisioning.ts';
import type { Workbench } from '../provision/workbench.ts';
import { Conversation, type Shown } from './conversation.ts';

/** What is no step of provisioning, and is done as often as staff come. */
export const ENROLMENT = 'enrol';

/** All that the page shows. */
export interface DeskState {
  readonly device: string;
  readonly steps: readonly StepState[];
  /** What is under way. */
  readonly running?: Shown & { readonly id: string };
  /** What became of the last enrolment. */
  readonly enrolled?: string;
  /** The last report that was signed. */
  readonly acceptance?: Pick<AcceptanceReport, 'id' | 'at' | 'operator'>;
}

export interface DeskParts {
  readonly device: string;
  /** The directory with the reports. */
  readonly state: string;
  readonly provisioning: Provisioning;
  /** The board in the hands of whoever gave the order. */
  readonly benchOf: (operator: string) => Workbench;
  /** Told what nobody waits for. */
  readonly onTrouble: (error: unknown) => void;
}

/** Where orders from the page arrive: one step, or one enrolment, at a time. Every page that is open sees the same. */
export class TechnicianDesk {
  readonly #parts: DeskParts;
  readonly #listeners = new Set<() => void>();
  readonly #conversation = new Conversation(() => {
    this.#tell();
  });
  #under: { readonly id: string; readonly stop: AbortController; readonly done: Promise<void> } | undefined;

  /** The last report that was signed, with its files. */
  #report: KeptReport | undefined;
  #enrolled: string | undefined;

  /** @throws ProvisionError where the last report cannot be read */
  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.#report = lastReport(parts.state);
  }

  get report(): KeptReport | undefined {
    return this.#report;
  }

  get state(): DeskState {
    const { device, provisioning } = this.#parts;
    return {
      ...{ device, steps: provisioning.states },
      ...(this.#under && { running: { id: this.#under.id, ...this.#conversation.shown } }),
      ...(this.#enrolled !== undefined && { enrolled: this.#enrolled }),
      ...(this.#report && { acceptance: shortly(this.#report.report) }),
    };
  }

  /** @returns ends the telling */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @throws ProvisionError `provision.busy`, `provision.unknown-step` */
  begin(id: string, operator: string): void {
    const { provisioning, benchOf } = this.#parts;
    if (this.#under !== undefined)
      throw new ProvisionError('provision.busy', `"${this.#under.id}" is under way: end it first`);
    if (id !== ENROLMENT && !provisioning.states.some((step) => step.id === id))
      throw new ProvisionError('provision.unknown-step', `there is no step "${id}"`);
    const stop = new AbortController();
    const { signal } = stop;
    const bench = benchOf(operator);
    this.#conversation.clear();
    const work =
      id === ENROLMENT
        ? provisioning.alone(id, () => this.#enrol(bench, signal))
        : provisioning.run(id, bench, this.#conversation, signal);
    const done = work.then(
      () => undefined,
      (error: unknown) => {
        if (!signal.aborted) this.#parts.onTrouble(error);
      },
    );
    this.#under = { id, stop, done };
    void done.then(() => {
      this.#under = undefined;
      this.#tell();
    });
    this.#tell();
  }

  /** @throws ProvisionError `provision.no-question`, `provision.bad-answer` */
  answer(number: number, given: Answer): void {
    this.#conversation.answer(number, given);
  }

  picture(number: number): Promise<Uint8Array | undefined> {
    return this.#conversation.picture(number);
  }

  /** Calls off what is under way; resolves when it has ended. */
  async stop(): Promise<void> {
    this.#under?.stop.abort(new ProvisionError('provision.called-off', 'the technician called it off'));
    await this.#under?.done;
  }

  /**
   * Signs what was found.
   *
   * @throws ProvisionError `provision.not-ready`, `provision.busy`
   */
  async accept(operator: string): Promise<void> {
    const { provisioning, benchOf } = this.#parts;
    this.#report = await provisioning.alone('acceptance', () => accept(provisioning, benchOf(operator)));
    this.#tell();
  }

  async #enrol(bench: Workbench, signal: AbortSignal): Promise<void> {
    this.#enrolled = undefined;
    const enrolled = await enrolPerson(bench, this.#conversation, signal);
    this.#enrolled = enrolled
      ? `${enrolled.name} is enrolled: ${enrolled.touches} touches of the ${enrolled.finger.replace('-', ' ')}`
      : 'Nobody was enrolled';
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function shortly({ id, at, operator }: AcceptanceReport): Pick<AcceptanceReport, 'id' | 'at' | 'operator'> {
  return { id, at, operator };
}
