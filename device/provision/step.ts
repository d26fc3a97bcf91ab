import type { Dialogue } from './dialogue.ts';
import type { Workbench } from './workbench.ts';

/** `good`: as it should be. `note`: whoever reads the report should know. `act`: the door must not be used like this. */
export type Mark = 'good' | 'note' | 'act';

/** One thing that a step found, in a sentence. It names nobody: findings are kept and reported. */
export interface Finding {
  readonly mark: Mark;
  readonly words: string;
}

export interface StepOutcome {
  readonly findings: readonly Finding[];
  /** The technician left it out on purpose. */
  readonly skipped?: true;
}

/** One step from a boxed board to a trusted door. */
export interface Step {
  readonly id: string;
  readonly title: string;
  /** Why it is asked for, in a sentence. */
  readonly purpose: string;
  /**
   * Leads a person through it. What is wrong with the board is a finding; what is thrown broke the step off.
   */
  run(bench: Workbench, dialogue: Dialogue, signal: AbortSignal): Promise<StepOutcome>;
}

export type StepVerdict = 'passed' | 'noted' | 'failed' | 'skipped';

export function verdictOf({ findings, skipped }: StepOutcome): StepVerdict {
  const marks = findings.map(({ mark }) => mark);
  if (marks.includes('act')) return 'failed';
  if (skipped === true) return 'skipped';
  return marks.includes('note') ? 'noted' : 'passed';
}
