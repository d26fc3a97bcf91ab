/** What the lamps and the buzzer show for so long. */
export interface SignalStep {
  readonly green?: true;
  readonly red?: true;
  readonly buzzer?: true;
  readonly ms: number;
}

export interface Pattern {
  readonly steps: readonly SignalStep[];
  /** Again and again until something else is shown. */
  readonly lasting?: true;
  /** The same in words, for README's table. */
  readonly lamp: string;
  readonly sound: string;
}

/** What a door says by lamp and buzzer: the outcome of a touch for a moment, its own state for as long as it lasts. */
export type Signal = 'granted' | 'denied' | 'not-recognised' | 'retry' | 'failed' | 'test' | StandingSignal;

/** The strongest first. */
export const STANDING_SIGNALS = [
  'forced',
  'held-open',
  'tamper',
  'evacuation',
  'held-open-soon',
  'lockdown',
  'unlocked',
  'quiet',
] as const;
export type StandingSignal = (typeof STANDING_SIGNALS)[number];

const beep = { buzzer: true, ms: 120 } as const;
const pause = { ms: 120 } as const;

/** The one table of lamp and buzzer. A duress touch has no row of its own: it is a granted one. */
export const SIGNALS: Readonly<Record<Signal, Pattern>> = {
  granted: {
    steps: [
      { green: true, buzzer: true, ms: 200 },
      { green: true, ms: 1_800 },
    ],
    lamp: 'green, 2 s',
    sound: 'one beep',
  },
  denied: {
    steps: [
      { red: true, buzzer: true, ms: 600 },
      { red: true, ms: 1_400 },
    ],
    lamp: 'red, 2 s',
    sound: 'one long beep',
  },
  'not-recognised': {
    steps: [
      { red: true, ...beep },
      { red: true, ms: 120 },
      { red: true, ...beep },
      { red: true, ms: 640 },
    ],
    lamp: 'red, 1 s',
    sound: 'two beeps',
  },
  retry: {
    steps: [{ red: true, green: true, ...beep }, pause, { red: true, green: true, ms: 400 }],
    lamp: 'red and green twice',
    sound: 'one short beep',
  },
  failed: {
    steps: [beep, pause, beep, pause, { red: true, ...beep }, { red: true, ms: 1_000 }],
    lamp: 'red at the end',
    sound: 'three beeps',
  },
  test: {
    steps: [
      { green: true, ms: 1_000 },
      { red: true, ms: 1_000 },
      { buzzer: true, ms: 300 },
    ],
    lamp: 'green, then red, 1 s each',
    sound: 'one beep',
  },
  forced: {
    steps: [{ red: true, buzzer: true, ms: 250 }, { ms: 250 }],
    lasting: true,
    lamp: 'red, fast',
    sound: 'fast, without end',
  },
  'held-open': {
    steps: [{ red: true, buzzer: true, ms: 500 }, { ms: 500 }],
    lasting: true,
    lamp: 'red, slow',
    sound: 'slow, without end',
  },
  tamper: { steps: [{ red: true, ms: 100 }, { ms: 900 }], lasting: true, lamp: 'red, short flashes', sound: 'none' },
  evacuation: { steps: [{ green: true, ms: 300 }, { ms: 300 }], lasting: true, lamp: 'green, fast', sound: 'none' },
  'held-open-soon': {
    steps: [{ red: true, buzzer: true, ms: 100 }, { ms: 1_900 }],
    lasting: true,
    lamp: 'red, a flash in two seconds',
    sound: 'a beep in two seconds',
  },
  lockdown: { steps: [{ red: true, ms: 1_000 }], lasting: true, lamp: 'red', sound: 'none' },
  unlocked: { steps: [{ green: true, ms: 1_000 }], lasting: true, lamp: 'green', sound: 'none' },
  quiet: { steps: [], lamp: 'dark', sound: 'none' },
};
