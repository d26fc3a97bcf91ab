import { setImmediate as eventLoop } from 'node:timers/promises';
import type { Clock } from './clock.ts';
import type { Door } from './door/door.ts';
import type { Access, Admission } from './doorkeeper.ts';
import { WhorlError } from './errors.ts';
import type { DecisionFigures, DenialReason, RecognitionFailure, Report } from './events/event.ts';
import type { CaptureAdvice } from './imaging/assess.ts';
import type { GrayImage } from './imaging/gray-image.ts';
import { PhaseTimes, type Quantiles } from './phase-times.ts';
import type { CaptureRetry, Lamp, Sensor } from './sensor/sensor.ts';

/**
 * What a touch goes through, in this order. `wait` is for a finger, `access` asks the rules, `commit` puts the verdict
 * on disk, `act` drives the door.
 */
export type Phase = 'wait' | 'capture' | 'features' | 'decide' | 'access' | 'commit' | 'act';

/** What is measured: every phase, and from the picture to the verdict. */
export type MeasuredPhase = Phase | 'recognition';

export interface RecognisedPerson {
  readonly id: string;
  readonly name: string;
}

/** Whose touch it is, or why nobody's. */
export type Recognition = { readonly figures: DecisionFigures } & (
  | { readonly kind: 'recognised'; readonly person: RecognisedPerson; readonly finger: string }
  | { readonly kind: 'denied'; readonly reason: RecognitionFailure }
);

/** What is done about it. `rules` is the version that decided; only whom they stopped is denied by name. */
export type Verdict = { readonly figures: DecisionFigures } & (
  | {
      readonly kind: 'granted';
      readonly person: RecognisedPerson;
      readonly finger: string;
      readonly rules: number;
      /** Id of the other one, where two people were needed. */
      readonly with?: string;
    }
  | {
      readonly kind: 'denied';
      readonly reason: DenialReason;
      readonly person?: RecognisedPerson;
      readonly rules?: number;
    }
);

export interface Extracted<Features> {
  readonly kind: 'features';
  readonly features: Features;
}

/** Recognition as the terminal sees it: calculation over a picture and the gallery at hand. */
export interface Recognizer<Features> {
  features(image: GrayImage, signal?: AbortSignal): Extracted<Features> | Retry | Promise<Extracted<Features> | Retry>;
  decide(features: Features, signal?: AbortSignal): Recognition | Promise<Recognition>;
}

/** Why somebody should touch again: the sensor's reason, what the picture shows, or that recognition broke off. */
export type RetryReason = CaptureRetry | CaptureAdvice | 'interrupted';

export interface Retry {
  readonly kind: 'retry';
  readonly reason: RetryReason;
}

export interface TerminalParts<Features> {
  readonly sensor: Sensor;
  readonly recognizer: Recognizer<Features>;
  readonly access: Access;
  readonly door: Door;
  /** Commits to disk before it returns, or throws. */
  readonly commit: (report: Report) => void;
  readonly clock: Clock;
  readonly pulseMs: number;
  /** Whether events carry the name of whom they let in. */
  readonly names: boolean;
}

/** How a touch ended. */
export type Touch = { readonly origin?: string } & (
  | { readonly kind: 'decided'; readonly verdict: Verdict; /** From picture to verdict. */ readonly ms: number }
  | Retry
  | { readonly kind: 'failed'; readonly phase: Phase; readonly error: WhorlError }
);

/** Why a terminal stopped looking for touches. */
export type Ending = 'asked' | 'touches-done' | 'sensor-ended';

/** A touch that is given up in one of these is nobody's failure: nothing was decided yet. */
const UNDECIDED: ReadonlySet<Phase> = new Set(['wait', 'capture', 'features', 'decide']);

/** A sensor that fails is asked again after a pause, doubled at each failure up to the longest. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

/**
 * The terminal: idle → wait → capture → features → decide → access → commit → act, again and again.
 *
 * A part that fails costs its touch and nothing else: the failure is reported and the next touch begins. The door moves
 * only after its event is on disk; an event that cannot be committed leaves it locked.
 */
export class Terminal<Features> {
  readonly #parts: TerminalParts<Features>;
  readonly #times = new PhaseTimes<MeasuredPhase>();
  #phase: Phase | 'idle' = 'idle';
  #since = 0;

  constructor(parts: TerminalParts<Features>) {
    this.#parts = parts;
  }

  get phase(): Phase | 'idle' {
    return this.#phase;
  }

  /** How long the present step of a touch has lasted, milliseconds. Waiting for a finger is none: 0. */
  get busyMs(): number {
    return this.#phase === 'idle' || this.#phase === 'wait' ? 0 : this.#parts.clock.monotonic() - this.#since;
  }

  /** Milliseconds. */
  get times(): Partial<Record<MeasuredPhase, Quantiles>> {
    return this.#times.quantiles();
  }

  /**
   * Serves touches until the signal aborts, the sensor ends or `most` touches were served (retries and failures count:
   * somebody touched).
   */
  async run(signal: AbortSignal, most: number, onTouch: (touch: Touch) => void): Promise<Ending> {
    let failures = 0;
    for (let served = 0; served < most; served++) {
      const touch = await this.#serve(signal);
      this.#phase = 'idle';
      if (touch === 'asked' || touch === 'sensor-ended') return touch;
      onTouch(touch);
      failures = touch.kind === 'failed' && (touch.phase === 'wait' || touch.phase === 'capture') ? failures + 1 : 0;
      try {
        // A finger that stays is the same touch.
        await this.#parts.sensor.waitForLift(signal);
        if (failures > 0)
          await this.#parts.clock.sleep(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1)), signal);
        // A sensor that answers at once must not keep signals and the network waiting.
        await eventLoop(undefined, { signal });
      } catch {
        return 'asked';
      }
    }
    return 'touches-done';
  }

  async #serve(signal: AbortSignal): Promise<Touch | 'asked' | 'sensor-ended'> {
    const { sensor, recognizer, access, commit, clock } = this.#parts;
    let origin: { origin?: string } = {};
    try {
      if ((await this.#during('wait', () => sensor.waitForFinger(signal))) === 'ended') return 'sensor-ended';
      this.#show('reading');
      const capture = await this.#during('capture', () => sensor.capture(signal));
      if (capture.kind === 'retry') return await this.#retry(capture, origin);
      if (capture.origin !== undefined) origin = { origin: capture.origin };

      const begin = clock.monotonic();
      const extracted = await this.#during('features', () => recognizer.features(capture.image, signal));
      if (extracted.kind === 'retry') return await this.#retry(extracted, origin);
      const middle = clock.monotonic();
      const recognition = await this.#during('decide', () => recognizer.decide(extracted.features, signal));
      const end = clock.monotonic();
      this.#times.record('recognition', end - begin);

      const ms = { features: rounded(middle - begin), decide: rounded(end - middle) };
      const { verdict, admission } = await this.#admit(recognition);
      await this.#during('commit', () => {
        for (const alarm of admission?.alarms ?? []) commit(alarm);
        commit(this.#describe(verdict, ms));
        if (admission) access.remember(admission);
      });
      if (admission?.verdict.kind === 'pass') await this.#open(admission, admission.verdict.openingMs);
      this.#show(verdict.kind);
      access.settle();
      return { kind: 'decided', verdict, ms: end - begin, ...origin };
    } catch (cause) {
      if (signal.aborted && this.#phase !== 'idle' && UNDECIDED.has(this.#phase)) return 'asked';
      return this.#fail(cause, origin);
    }
  }

  async #during<T>(phase: Phase, step: () => T | Promise<T>): Promise<T> {
    const begin = this.#parts.clock.monotonic();
    this.#phase = phase;
    this.#since = begin;
    const result = await step();
    this.#times.record(phase, this.#parts.clock.monotonic() - begin);
    return result;
  }

  async #admit(recognition: Recognition): Promise<{ verdict: Verdict; admission?: Admission }> {
    if (recognition.kind === 'denied') return { verdict: recognition };
    const { person, finger, figures } = recognition;
    const admission = await this.#during('access', () => this.#parts.access.judge(person.id, finger));
    const { verdict, rules } = admission;
    const about = { person, rules, figures };
    if (verdict.kind === 'stop') return { admission, verdict: { kind: 'denied', reason: verdict.reason, ...about } };
    const other = verdict.with === undefined ? {} : { with: verdict.with };
    return { admission, verdict: { kind: 'granted', finger, ...other, ...about } };
  }

  async #open(admission: Admission, openingMs = this.#parts.pulseMs): Promise<void> {
    const { access, door } = this.#parts;
    try {
      await this.#during('act', () => door.unlock(openingMs));
    } catch (error) {
      access.takeBack(admission);
      throw error;
    }
  }

  async #retry({ kind, reason }: Retry, origin: { origin?: string }): Promise<Touch> {
    this.#show('retry');
    await this.#during('commit', () => {
      this.#parts.commit({ type: 'whorl.touch.retry', data: { reason } });
    });
    return { kind, reason, ...origin };
  }

  /** A lamp that fails costs nothing: what is wrong with the sensor shows at the next touch. */
  #show(lamp: Lamp): void {
    this.#parts.sensor.showLamp(lamp).catch(() => undefined);
  }

  #fail(cause: unknown, origin: { origin?: string }): Touch {
    const phase = this.#phase === 'idle' ? 'wait' : this.#phase;
    this.#show('retry');
    const error = asWhorlError(cause);
    const { code, message } = error;
    try {
      this.#parts.commit(
        phase === 'act'
          ? { type: 'whorl.door.failed', data: { code, message } }
          : { type: 'whorl.touch.failed', data: { phase, code, message } },
      );
    } catch {
      // The disk is what failed, now or just before: the caller still learns of the first failure.
    }
    return { kind: 'failed', phase, error, ...origin };
  }

  #describe(verdict: Verdict, ms: { features: number; decide: number }): Report {
    const { names } = this.#parts;
    const { figures, person } = verdict;
    const subject = person && { subject: person.id };
    const about = { ...(names && person && { name: person.name }), ...figures, ms };
    if (verdict.kind === 'denied') {
      const { reason, rules } = verdict;
      return {
        type: 'whorl.touch.denied',
        ...subject,
        data: { reason, ...(rules !== undefined && { rules }), ...about },
      };
    }
    const { finger, rules, with: other } = verdict;
    const data = { finger, rules, ...(other !== undefined && { with: other }), ...about };
    return { type: 'whorl.touch.granted', ...subject, data };
  }
}

function asWhorlError(cause: unknown): WhorlError {
  if (cause instanceof WhorlError) return cause;
  return new WhorlError('terminal.unexpected', cause instanceof Error ? cause.message : String(cause), { cause });
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
