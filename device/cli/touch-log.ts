import colors from 'picocolors';
import type { DecisionFigures } from '../events/event.ts';
import { outcomeOf } from '../outcome.ts';
import type { Quantiles } from '../phase-times.ts';
import type { Ending, MeasuredPhase, Touch, Verdict } from '../terminal.ts';
import type { Output } from './output.ts';

/** Who really touched, where the sensor knows it. */
export interface Truth {
  readonly name: string;
  readonly enrolled: boolean;
}

export interface Outcome {
  readonly ending: Ending;
  readonly phases: Partial<Record<MeasuredPhase, Quantiles>>;
  readonly events: { readonly published: number; readonly acknowledged: number; readonly waiting: number };
}

/** Tells every touch as it happens, a line each, and all of them together at the end. */
export class TouchLog {
  readonly #output: Output;
  readonly #truthOf: (origin: string) => Truth;
  readonly #touches: object[] = [];
  readonly #counts = { granted: 0, denied: 0, retry: 0, failed: 0, falseAccepts: 0, falseRejects: 0 };

  constructor(output: Output, truthOf: (origin: string) => Truth) {
    this.#output = output;
    this.#truthOf = truthOf;
  }

  add(touch: Touch): void {
    const truth = touch.origin === undefined ? undefined : this.#truthOf(touch.origin);
    const mistake = mistakeOf(touch, truth);
    if (mistake === 'false accept') this.#counts.falseAccepts++;
    if (mistake === 'false reject') this.#counts.falseRejects++;
    this.#counts[touch.kind === 'decided' ? touch.verdict.kind : touch.kind]++;
    this.#touches.push(asRecord(touch, truth));

    const time = colors.dim(new Date().toTimeString().slice(0, 8));
    const origin = touch.origin === undefined ? '' : colors.dim(`  ${touch.origin}`);
    const marked = mistake === undefined ? '' : colors.bold(colors.red(`  ${mistake}`));
    this.#output.line(`${time}  ${lineOf(touch)}${origin}${marked}`);
  }

  summarize({ ending, phases, events }: Outcome): void {
    const { granted, denied, retry, failed, falseAccepts, falseRejects } = this.#counts;
    const { recognition } = phases;
    this.#output.line();
    this.#output.line(
      `${this.#touches.length} touches: ${colors.green(`${granted} granted`)}, ${colors.red(`${denied} denied`)}, ` +
        `${colors.yellow(`${retry} to be repeated`)}, ${failed} failed`,
    );
    this.#output.line(`mistakes: ${falseAccepts} false accepts, ${falseRejects} false rejects`);
    if (recognition)
      this.#output.line(
        `picture to verdict: p50 ${recognition.p50.toFixed(1)} ms, p95 ${recognition.p95.toFixed(1)} ms`,
      );
    this.#output.line(
      `events: ${events.published} published, ${events.acknowledged} acknowledged, ${events.waiting} waiting`,
    );
    this.#output.result({ ending, touches: this.#touches, ...this.#counts, phases, events });
  }
}

function mistakeOf(touch: Touch, truth: Truth | undefined): 'false accept' | 'false reject' | undefined {
  if (truth === undefined || touch.kind !== 'decided') return undefined;
  const { verdict } = touch;
  if (verdict.kind === 'granted') return verdict.person.name === truth.name ? undefined : 'false accept';
  if (verdict.person) return verdict.person.name === truth.name ? undefined : 'false accept';
  return truth.enrolled ? 'false reject' : undefined;
}

function lineOf(touch: Touch): string {
  if (touch.kind === 'retry') return `${colors.yellow('retry  ')}  ${outcomeOf(touch).text}`;
  if (touch.kind === 'failed')
    return `${colors.red('failed ')}  ${touch.error.code} (${touch.phase}): ${touch.error.message}`;
  const { verdict } = touch;
  const who = verdict.kind === 'granted' ? verdict.person.name : outcomeOf(touch).text;
  const kind = verdict.kind === 'granted' ? colors.green('granted') : colors.red('denied ');
  return `${kind}  ${who.padEnd(24)} ${evidence(verdict).padEnd(32)} ${touch.ms.toFixed(0).padStart(4)} ms`;
}

function evidence({ figures: { llr, score, threshold } }: { figures: DecisionFigures }): string {
  if (llr === undefined || score === undefined) return '';
  const relation = llr >= threshold ? '≥' : '<';
  return `score ${score.toFixed(2).padStart(5)}  LLR ${llr.toFixed(1).padStart(5)} ${relation} ${threshold.toFixed(1)}`;
}

function asRecord(touch: Touch, truth: Truth | undefined): object {
  const origin = { ...(touch.origin !== undefined && { origin: touch.origin }), ...(truth && { truth }) };
  if (touch.kind === 'retry') return { kind: touch.kind, reason: touch.reason, ...origin };
  if (touch.kind === 'failed') {
    const { code, message } = touch.error;
    return { kind: touch.kind, phase: touch.phase, code, message, ...origin };
  }
  return { ...flat(touch.verdict), ms: touch.ms, ...origin };
}

function flat(verdict: Verdict): object {
  const { figures } = verdict;
  if (verdict.kind === 'denied') return { kind: verdict.kind, reason: verdict.reason, ...figures };
  const { id, name } = verdict.person;
  return { kind: verdict.kind, person: { id, name }, finger: verdict.finger, ...figures };
}
