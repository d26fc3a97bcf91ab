/**
 * The door as a value: what is known of it, and what each event makes of it. No clock, no wires: timers are events too,
 * and what has to be driven or reported is read off the states before and after.
 */

/** Where the door is. `unknown` until its contact has spoken; a door without contact is always `closed`. */
export type Position = 'unknown' | 'closed' | 'open' | 'pre-alarm' | 'held-open' | 'forced';

/** What a person would say the door is doing: its position, and `unlocking` while a pulse waits for it to be opened. */
export type DoorPhase = Position | 'unlocking';

/** What rules the door, strongest first: fire and lockdown are emergencies, then the operator's word, then the schedule. */
export type DoorMode = 'evacuation' | 'lockdown' | 'unlocked' | 'normal';

/** Whether the rules keep the door unlocked for everybody at this time. */
export type ScheduledMode = 'unlocked' | 'normal';

export interface DoorState {
  readonly position: Position;
  /** The strike is released for a time. */
  readonly pulse: boolean;
  /** The request-to-exit button is held. */
  readonly exit: boolean;
  readonly tamper: boolean;
  readonly fire: boolean;
  readonly lockdown: boolean;
  /** `secured`: overrules a schedule that would keep the door unlocked, until that schedule ends. */
  readonly operator: 'none' | 'unlocked' | 'secured';
  readonly schedule: ScheduledMode;
  /** Whether the board with the relay answers. */
  readonly board: 'ready' | 'lost';
}

export type DoorTimer = 'pulse' | 'pre-alarm' | 'held-open';

export type DoorEvent =
  | { readonly kind: 'grant' }
  | { readonly kind: 'opened' | 'closed' }
  | { readonly kind: 'exit' | 'tamper' | 'fire' | 'lockdown'; readonly active: boolean }
  | { readonly kind: 'operator'; readonly wish: 'unlocked' | 'secured' }
  | { readonly kind: 'schedule'; readonly mode: ScheduledMode }
  | { readonly kind: 'due'; readonly timer: DoorTimer }
  | { readonly kind: 'board'; readonly board: 'ready' | 'lost' };

export interface DoorWiring {
  /** Whether a contact tells if the door is open. */
  readonly contact: boolean;
  /** `safe`: the lock opens without power, and the exit button releases it as long as it is held. */
  readonly lock: 'secure' | 'safe';
}

export interface Transition {
  readonly state: DoorState;
  /** Timers that begin anew although they may run already. */
  readonly restart: readonly DoorTimer[];
  /** Why a grant moved nothing; the state is then the same. */
  readonly refused?: 'lockdown' | 'board-lost';
}

export function initialState({ contact }: DoorWiring): DoorState {
  return {
    position: contact ? 'unknown' : 'closed',
    ...{ pulse: false, exit: false, tamper: false, fire: false, lockdown: false },
    ...{ operator: 'none', schedule: 'normal', board: 'lost' },
  };
}

export function phaseOf({ position, pulse }: DoorState): DoorPhase {
  return position === 'closed' && pulse ? 'unlocking' : position;
}

export function modeOf({ fire, lockdown, operator, schedule }: DoorState): DoorMode {
  if (fire) return 'evacuation';
  if (lockdown) return 'lockdown';
  if (operator === 'none') return schedule;
  return operator === 'unlocked' ? 'unlocked' : 'normal';
}

/** Whether the mode lets everybody through: nothing is forced or held open then. */
export function standsFree(state: DoorState): boolean {
  const mode = modeOf(state);
  return mode === 'evacuation' || mode === 'unlocked';
}

/** Whether the relay must be energised: the one place that decides it. */
export function isReleased(state: DoorState, { lock }: DoorWiring): boolean {
  if (state.board === 'lost') return false;
  return state.pulse || standsFree(state) || (lock === 'safe' && state.exit);
}

/** The timers that run in a state. */
export function timersOf(state: DoorState): DoorTimer[] {
  if (state.board === 'lost') return [];
  return [
    ...(state.pulse ? (['pulse'] as const) : []),
    ...(state.position === 'open' && !standsFree(state) ? (['pre-alarm'] as const) : []),
    ...(state.position === 'pre-alarm' ? (['held-open'] as const) : []),
  ];
}

/** What an event makes of a state. Defined for every event in every state. */
export function step(state: DoorState, event: DoorEvent, wiring: DoorWiring): Transition {
  const transition = react(state, event, wiring);
  return { ...transition, state: settle(transition.state) };
}

function react(state: DoorState, event: DoorEvent, wiring: DoorWiring): Transition {
  switch (event.kind) {
    case 'grant':
      return grant(state);
    case 'opened':
      return to({ ...state, ...opened(state, wiring) });
    case 'closed':
      // Relocks at once: whoever was let in is in. A door that was closed already may just be about to be opened.
      return to(wiring.contact ? { ...state, position: 'closed', pulse: state.pulse && !isOpen(state) } : state);
    case 'exit':
      return exit(state, event.active, wiring);
    case 'tamper':
      return to({ ...state, tamper: event.active });
    case 'fire':
      return to({ ...state, fire: event.active });
    case 'lockdown':
      return to({ ...state, lockdown: event.active, pulse: state.pulse && !event.active });
    case 'operator':
      return operate(state, event.wish);
    case 'schedule':
      return to({
        ...state,
        schedule: event.mode,
        operator: event.mode === 'normal' && state.operator === 'secured' ? 'none' : state.operator,
      });
    case 'due':
      return to({ ...state, ...due(state, event.timer) });
    case 'board':
      if (event.board === state.board) return to(state);
      // What was held is not known any more; the inputs are told anew when the board is back.
      return to({ ...state, board: event.board, pulse: false, exit: false });
  }
}

function to(state: DoorState, restart: readonly DoorTimer[] = []): Transition {
  return { state, restart };
}

/** A door that stands free is not held open by anybody. */
function settle(state: DoorState): DoorState {
  return standsFree(state) && isOpen(state) ? { ...state, position: 'open' } : state;
}

function isOpen({ position }: DoorState): boolean {
  return position !== 'closed' && position !== 'unknown';
}

function grant(state: DoorState): Transition {
  if (state.board === 'lost') return { ...to(state), refused: 'board-lost' };
  if (modeOf(state) === 'lockdown') return { ...to(state), refused: 'lockdown' };
  if (standsFree(state)) return to(state);
  // Somebody who may pass stands at the open door: it is not held or forced any more, and has its time anew.
  if (isOpen(state)) return to({ ...state, pulse: true, position: 'open' }, ['pulse', 'pre-alarm']);
  return to({ ...state, pulse: true }, ['pulse']);
}

function opened(state: DoorState, wiring: DoorWiring): Partial<DoorState> {
  if (!wiring.contact || isOpen(state)) return {};
  const allowed = state.position === 'unknown' || state.exit || isReleased(state, wiring);
  return { position: allowed ? 'open' : 'forced', pulse: false };
}

function exit(state: DoorState, active: boolean, { lock }: DoorWiring): Transition {
  if (state.board === 'lost' || active === state.exit) return to({ ...state, exit: state.board === 'ready' && active });
  // A lock that opens by power is released at the press, one that opens without it while held and a time after.
  const starts = active === (lock === 'secure') && !isOpen(state);
  return starts ? to({ ...state, exit: active, pulse: true }, ['pulse']) : to({ ...state, exit: active });
}

function operate(state: DoorState, wish: 'unlocked' | 'secured'): Transition {
  if (wish === 'unlocked') return to({ ...state, operator: 'unlocked', pulse: false });
  return to({ ...state, operator: state.schedule === 'unlocked' ? 'secured' : 'none', pulse: false });
}

function due(state: DoorState, timer: DoorTimer): Partial<DoorState> {
  // A timer that was stopped may have been due already.
  if (!timersOf(state).includes(timer)) return {};
  if (timer === 'pulse') return { pulse: false };
  return { position: timer === 'pre-alarm' ? 'pre-alarm' : 'held-open' };
}
