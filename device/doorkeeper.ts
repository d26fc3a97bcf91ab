import { type AccessVerdict, judge, type Moment, standsOpen } from './access/judge.ts';
import type { Rules } from './access/rules.ts';
import { DEFAULT_RULES, readRules } from './access/rules-file.ts';
import type { AccessState, Waiting } from './access/state.ts';
import type { Clock } from './clock.ts';
import { WhorlError } from './errors.ts';
import type { Report } from './events/event.ts';
import { GalleryError } from './gallery/errors.ts';
import type { Gallery } from './gallery/gallery.ts';

/** Whether somebody may pass, and what is to be told and remembered of it. */
export interface Admission {
  readonly person: string;
  readonly verdict: AccessVerdict;
  /** Version of the rules that decided; 0 for those that hold where none were imported. */
  readonly rules: number;
  /** To be committed beside the touch's own event, before the door moves. */
  readonly alarms: readonly Report[];
  /** What was remembered before. */
  readonly before: AccessState;
}

/** Access rules as the terminal sees them. */
export interface Access {
  /** Whether the person may pass now. Nothing is changed by asking. */
  judge(person: string, finger: string): Admission;
  /** Writes down what is to be remembered of an admission, or throws. */
  remember(admission: Admission): void;
  /** Makes what was written outlive a power cut, which takes as long as the disk does: nobody shall wait for it. */
  settle(): void;
  /** The door did not open after all: what was remembered is taken back. */
  takeBack(admission: Admission): void;
}

export interface DoorkeeperOptions {
  readonly gallery: Gallery;
  readonly clock: Clock;
  /** Whether the time of day can be relied on. */
  readonly trusted: () => boolean;
  readonly lockdown: () => boolean;
}

const NOTHING: AccessState = { passages: {}, leaders: {} };

/**
 * Applies the gallery's rules to whoever was recognised. Rules and passes are read anew for every touch: a person
 * blocked by any process does not pass any more.
 */
export class Doorkeeper implements Access {
  readonly #options: DoorkeeperOptions;
  #rules: { readonly version: number; readonly rules: Rules } | undefined;
  /** Not on disk: after a restart the first of two people touches again. */
  #waiting: Waiting | undefined;
  #unsettled = false;

  constructor(options: DoorkeeperOptions) {
    this.#options = options;
  }

  judge(person: string, finger: string): Admission {
    try {
      const { gallery, lockdown } = this.#options;
      const { version, rules } = this.#current();
      const pass = gallery.pass(person);
      const first = this.#waitingPass(person);
      const waiting = first && this.#waiting;
      const before = {
        ...gallery.passages(waiting ? [person, waiting.person] : [person]),
        ...(waiting && { waiting }),
      };
      const attempt = { person, pass, moment: this.#moment(), lockdown: lockdown() };
      const verdict = judge(rules, before, { ...attempt, ...(first && { waiting: first }) });
      const alarms: Report[] = [];
      if (pass.duress?.some((position) => position === finger))
        alarms.push({ type: 'whorl.access.duress', subject: person, data: {} });
      if (verdict.kind === 'pass' && verdict.passback)
        alarms.push({ type: 'whorl.access.passback', subject: person, data: {} });
      return { person, verdict, rules: version, alarms, before };
    } catch (error) {
      if (!(error instanceof WhorlError)) throw error;
      const { code, message } = error;
      return {
        ...{ person, rules: this.#rules?.version ?? 0, before: NOTHING },
        verdict: { kind: 'stop', reason: 'rules-unreadable', state: NOTHING },
        alarms: [{ type: 'whorl.access.unreadable', subject: person, data: { code, message } }],
      };
    }
  }

  /** @throws GalleryError where it cannot be written */
  remember({ person, verdict, before }: Admission): void {
    this.#save(person, verdict, before, verdict.state);
    this.#waiting = verdict.state.waiting;
  }

  settle(): void {
    if (!this.#unsettled) return;
    try {
      this.#options.gallery.settle();
      this.#unsettled = false;
    } catch (error) {
      // It is written all the same, and the next passage tries again; a disk in trouble shows at the next event.
      if (!(error instanceof GalleryError)) throw error;
    }
  }

  /** @throws GalleryError where it cannot be written */
  takeBack({ person, verdict, before }: Admission): void {
    this.#save(person, verdict, before, before);
  }

  /** Whether the rules keep the door unlocked for everybody now. Rules that cannot be read keep it locked. */
  standsOpen(): boolean {
    try {
      const { leaders } = this.#options.gallery.passages([]);
      return standsOpen(this.#current().rules, { passages: {}, leaders }, this.#moment());
    } catch (error) {
      if (error instanceof WhorlError) return false;
      throw error;
    }
  }

  #current(): { readonly version: number; readonly rules: Rules } {
    const { gallery } = this.#options;
    const version = gallery.rulesVersion;
    if (this.#rules?.version !== version)
      this.#rules = { version, rules: readRules(version === 0 ? DEFAULT_RULES : gallery.rules(version).text).rules };
    return this.#rules;
  }

  /** Of the first of two people, unless that is this person, or they were erased meanwhile. */
  #waitingPass(person: string): ReturnType<Gallery['pass']> | undefined {
    if (!this.#waiting || this.#waiting.person === person) return undefined;
    try {
      return this.#options.gallery.pass(this.#waiting.person);
    } catch (error) {
      if (error instanceof GalleryError && error.code === 'gallery.unknown-person') return undefined;
      throw error;
    }
  }

  #moment(): Moment {
    const { clock, trusted } = this.#options;
    return { time: clock.now(), uptime: clock.monotonic(), trusted: trusted() };
  }

  #save(person: string, verdict: AccessVerdict, before: AccessState, state: AccessState): void {
    const { passages, leaders } = verdict.state;
    if (passages === before.passages && leaders === before.leaders) return;
    const people = verdict.kind === 'pass' && verdict.with !== undefined ? [verdict.with, person] : [person];
    const ledBefore = leaders === before.leaders;
    this.#options.gallery.savePassages(people, state.passages, ledBefore ? undefined : state.leaders);
    this.#unsettled = true;
  }
}
