import type { Clock } from '../clock.ts';
import type { BoardNews, DoorBoard, Input, OpenBoard } from './board.ts';
import {
  checkPulse,
  LONGEST_PULSE_MS,
  type Door,
  type DoorChange,
  type DoorStatus,
  type OperatorWish,
  type ReleaseCause,
} from './door.ts';
import {
  initialState,
  isReleased,
  modeOf,
  phaseOf,
  standsFree,
  step,
  timersOf,
  type DoorEvent,
  type DoorState,
  type DoorTimer,
  type DoorWiring,
  type ScheduledMode,
  type Transition,
} from './door-state.ts';
import { DoorError } from './errors.ts';
import { SIGNALS, type Pattern, type Signal, type StandingSignal } from './signals.ts';

export interface DoorSettings extends DoorWiring {
  /** Of the exit button's pulse, milliseconds. */
  readonly unlockMs: number;
  /** How long the door may be open before it warns, and how long it warns before it is an alarm, milliseconds. */
  readonly heldOpen: { readonly warnMs: number; readonly alarmMs: number };
}

export interface ControlledDoorParts {
  readonly open: OpenBoard;
  readonly settings: DoorSettings;
  readonly clock: Clock;
  /** Told of everything that happens, in order. It must not throw. */
  readonly onChange: (change: DoorChange) => void;
}

/** A release without an end of its own is renewed, so that it ends soon after whoever renews it. */
const HOLD_MS = 10_000;
const RENEW_MS = 4_000;

/** A door behind a board: the pure state machine with a clock, a relay, lamps and a buzzer. */
export class ControlledDoor implements Door {
  readonly #settings: DoorSettings;
  readonly #clock: Clock;
  readonly #onChange: (change: DoorChange) => void;
  readonly #board: DoorBoard;
  readonly #timers = new Map<DoorTimer | 'renew' | 'signal', AbortController>();
  #state: DoorState;
  #pulseMs: number;
  #boardName = '';
  #loss = { code: 'door.board-lost', message: 'the door’s board has not answered yet' };
  #shown: Pattern = SIGNALS.quiet;
  #closed = false;

  constructor({ open, settings, clock, onChange }: ControlledDoorParts) {
    this.#settings = settings;
    this.#clock = clock;
    this.#onChange = onChange;
    this.#state = initialState(settings);
    this.#pulseMs = settings.unlockMs;
    this.#board = open((news) => {
      this.#hear(news);
    });
  }

  get status(): DoorStatus {
    const { board, tamper, fire } = this.#state;
    const unlocked = isReleased(this.#state, this.#settings);
    return { board, phase: phaseOf(this.#state), mode: modeOf(this.#state), unlocked, tamper, fire };
  }

  async unlock(pulseMs: number, by: 'touch' | 'operator' = 'touch'): Promise<void> {
    checkPulse(pulseMs);
    if (this.#closed) throw new DoorError('door.closed', 'the door has been closed down; start the terminal again');
    const refused = step(this.#state, { kind: 'grant' }, this.#settings).refused;
    if (refused === 'lockdown') throw new DoorError('door.locked-down', 'the door is locked down');
    if (refused === 'board-lost')
      throw new DoorError('door.board-lost', `the door cannot be driven: ${this.#loss.message}`);
    this.#pulseMs = pulseMs;
    await this.#apply({ kind: 'grant' }, by);
  }

  follow(mode: ScheduledMode): void {
    if (mode !== this.#state.schedule) this.#happen({ kind: 'schedule', mode }, 'schedule');
  }

  command(wish: OperatorWish): void {
    if (wish === 'lockdown' || wish === 'lockdown-end')
      this.#happen({ kind: 'lockdown', active: wish === 'lockdown' }, 'operator');
    else this.#happen({ kind: 'operator', wish }, 'operator');
  }

  signal(signal: Signal): void {
    const pattern = SIGNALS[signal];
    this.#stop('signal');
    this.#show(pattern);
    const ms = pattern.steps.reduce((sum, { ms }) => sum + ms, 0);
    this.#start('signal', ms, () => {
      this.#show(SIGNALS[standingSignal(this.#state)]);
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    const wasReleased = isReleased(this.#state, this.#settings);
    this.#closed = true;
    for (const name of [...this.#timers.keys()]) this.#stop(name);
    await this.#board.close();
    if (wasReleased) this.#onChange({ kind: 'locked' });
    this.#state = initialState(this.#settings);
  }

  #hear(news: BoardNews): void {
    if (this.#closed) return;
    switch (news.kind) {
      case 'ready':
        this.#boardName = news.board;
        this.#happen({ kind: 'board', board: 'ready' }, modeCause(this.#state));
        for (const [input, active] of Object.entries(news.inputs)) this.#sense(input as Input, active);
        break;
      case 'input':
        this.#sense(news.input, news.active);
        break;
      case 'lost':
        this.#loss = { code: news.code, message: news.message };
        if (this.#state.board === 'ready') this.#happen({ kind: 'board', board: 'lost' }, 'touch');
        // Lost before it was ever ready is told too: somebody waits for this door.
        else this.#onChange({ kind: 'board-lost', ...this.#loss });
        break;
    }
  }

  #sense(input: Input, active: boolean): void {
    if (input === 'contact') this.#happen({ kind: active ? 'opened' : 'closed' }, 'touch');
    else this.#happen({ kind: input, active }, input === 'fire' ? 'fire' : 'exit');
  }

  /** For events that nobody waits for: a board that cannot be driven tells so itself, by `lost`. */
  #happen(event: DoorEvent, cause: ReleaseCause): void {
    if (!this.#closed) this.#apply(event, cause).catch(() => undefined);
  }

  async #apply(event: DoorEvent, cause: ReleaseCause): Promise<void> {
    const before = this.#state;
    if (event.kind === 'exit') this.#pulseMs = this.#settings.unlockMs;
    const transition = step(before, event, this.#settings);
    this.#state = transition.state;
    // The strike first, then everything that may wait.
    const driven = this.#drive(before, transition);
    this.#setTimers(transition);
    for (const change of this.#changes(before, transition, cause)) this.#onChange(change);
    if (standingSignal(before) !== standingSignal(this.#state) && !this.#timers.has('signal'))
      this.#show(SIGNALS[standingSignal(this.#state)]);
    await driven;
  }

  #drive(before: DoorState, { state, restart }: Transition): Promise<void> {
    const released = isReleased(state, this.#settings);
    if (!released) {
      this.#stop('renew');
      if (isReleased(before, this.#settings)) this.#board.secure();
      return Promise.resolve();
    }
    if (isReleased(before, this.#settings) && !restart.includes('pulse') && state.pulse === before.pulse)
      return Promise.resolve();
    return this.#release();
  }

  /** For the pulse, or for as long as this goes on. */
  #release(): Promise<void> {
    this.#stop('renew');
    const { pulse, exit } = this.#state;
    const lasting = standsFree(this.#state) || (this.#settings.lock === 'safe' && exit);
    if (lasting)
      this.#start('renew', RENEW_MS, () => {
        this.#release().catch(() => undefined);
      });
    const ms = Math.max(pulse ? this.#pulseMs : 0, lasting ? HOLD_MS : 0);
    return this.#board.release(Math.min(ms, LONGEST_PULSE_MS));
  }

  #setTimers({ state, restart }: Transition): void {
    const running = timersOf(state);
    const { warnMs, alarmMs } = this.#settings.heldOpen;
    const duration: Readonly<Record<DoorTimer, number>> = {
      pulse: this.#pulseMs,
      'pre-alarm': warnMs,
      'held-open': alarmMs,
    };
    for (const timer of ['pulse', 'pre-alarm', 'held-open'] as const) {
      if (!running.includes(timer) || restart.includes(timer)) this.#stop(timer);
      if (running.includes(timer) && !this.#timers.has(timer))
        this.#start(timer, duration[timer], () => {
          this.#happen({ kind: 'due', timer }, 'touch');
        });
    }
  }

  #start(name: DoorTimer | 'renew' | 'signal', ms: number, then: () => void): void {
    const timer = new AbortController();
    this.#timers.set(name, timer);
    void this.#clock.sleep(ms, timer.signal).then(
      () => {
        this.#timers.delete(name);
        then();
      },
      () => undefined, // stopped
    );
  }

  #stop(name: DoorTimer | 'renew' | 'signal'): void {
    this.#timers.get(name)?.abort();
    this.#timers.delete(name);
  }

  #show(pattern: Pattern): void {
    if (pattern === this.#shown && pattern.lasting) return;
    this.#shown = pattern;
    this.#board.show(pattern.steps, pattern.lasting === true);
  }

  *#changes(before: DoorState, { state: after, restart }: Transition, cause: ReleaseCause): Generator<DoorChange> {
    if (after.board !== before.board)
      yield after.board === 'ready'
        ? { kind: 'board-ready', board: this.#boardName }
        : { kind: 'board-lost', ...this.#loss };
    for (const input of ['tamper', 'fire'] as const)
      if (after[input] !== before[input]) yield { kind: input, active: after[input] };
    if (modeOf(after) !== modeOf(before)) yield { kind: 'mode', mode: modeOf(after) };
    if (after.exit && !before.exit) yield { kind: 'exit-requested' };
    const [was, is] = [isReleased(before, this.#settings), isReleased(after, this.#settings)];
    if (is && (!was || restart.includes('pulse')))
      yield { kind: 'unlocked', cause, ...(after.pulse && { pulseMs: this.#pulseMs }) };
    yield* positionChanges(before, after);
    if (was && !is) yield { kind: 'locked' };
  }
}

function* positionChanges({ position: before }: DoorState, { position: after }: DoorState): Generator<DoorChange> {
  if (before === after) return;
  if (before === 'forced' || before === 'held-open') yield { kind: 'alarm-ended', alarm: before };
  switch (after) {
    case 'closed':
      yield { kind: 'closed' };
      break;
    case 'open':
      // Back from an alarm or a warning it was open all the time.
      if (before === 'closed' || before === 'unknown') yield { kind: 'opened' };
      break;
    case 'forced':
    case 'held-open':
      yield { kind: after };
      break;
    case 'pre-alarm':
      yield { kind: 'held-open-soon' };
      break;
    case 'unknown':
      break;
  }
}

function standingSignal(state: DoorState): StandingSignal {
  const mode = modeOf(state);
  if (state.position === 'forced' || state.position === 'held-open') return state.position;
  if (state.tamper) return 'tamper';
  if (mode === 'evacuation') return mode;
  if (state.position === 'pre-alarm') return 'held-open-soon';
  return mode === 'normal' ? 'quiet' : mode;
}

function modeCause({ fire, operator }: DoorState): ReleaseCause {
  if (fire) return 'fire';
  return operator === 'unlocked' ? 'operator' : 'schedule';
}
