import {
  initialState,
  modeOf,
  phaseOf,
  step,
  type DoorEvent,
  type DoorState,
  type DoorWiring,
} from '../../device/door/door-state.ts';

/** Every event there is. */
export const EVERY_EVENT: readonly DoorEvent[] = [
  { kind: 'grant' },
  { kind: 'opened' },
  { kind: 'closed' },
  ...(['exit', 'tamper', 'fire', 'lockdown'] as const).flatMap((kind) => [
    { kind, active: true },
    { kind, active: false },
  ]),
  { kind: 'operator', wish: 'unlocked' },
  { kind: 'operator', wish: 'secured' },
  { kind: 'schedule', mode: 'unlocked' },
  { kind: 'schedule', mode: 'normal' },
  { kind: 'due', timer: 'pulse' },
  { kind: 'due', timer: 'pre-alarm' },
  { kind: 'due', timer: 'held-open' },
  { kind: 'board', board: 'ready' },
  { kind: 'board', board: 'lost' },
];

export const EVERY_WIRING: readonly DoorWiring[] = [true, false].flatMap((contact) =>
  (['secure', 'safe'] as const).map((lock) => ({ contact, lock })),
);

export interface Edge {
  readonly from: DoorState;
  readonly event: DoorEvent;
  readonly to: DoorState;
}

export interface Exploration {
  readonly states: readonly DoorState[];
  readonly edges: readonly Edge[];
}

export const keyOf = (state: DoorState): string => JSON.stringify(state);

/** Every event in every state that can be reached. */
export function explore(wiring: DoorWiring): Exploration {
  const start = initialState(wiring);
  const states = new Map([[keyOf(start), start]]);
  const edges: Edge[] = [];
  // A map's iteration reaches what is added on the way.
  for (const from of states.values())
    for (const event of EVERY_EVENT) {
      const { state: to } = step(from, event, wiring);
      edges.push({ from, event, to });
      if (!states.has(keyOf(to))) states.set(keyOf(to), to);
    }
  return { states: [...states.values()], edges };
}

/** The states from which the goal can be reached. */
export function canReach({ edges }: Exploration, goal: (state: DoorState) => boolean): Set<string> {
  const before = new Map<string, string[]>();
  const good = new Set<string>();
  for (const { from, to } of edges) {
    before.set(keyOf(to), [...(before.get(keyOf(to)) ?? []), keyOf(from)]);
    for (const state of [from, to]) if (goal(state)) good.add(keyOf(state));
  }
  for (const key of good) for (const earlier of before.get(key) ?? []) good.add(earlier);
  return good;
}

/**
 * The diagram of README: what leads a door with contact and fail-secure lock from phase to phase while nothing
 * else is the matter (board ready, mode normal, no fire or tamper), drawn from the machine itself.
 */
export function diagram(): string {
  const wiring: DoorWiring = { contact: true, lock: 'secure' };
  const labels = new Map<string, Set<string>>();
  const calm = (state: DoorState): boolean =>
    state.board === 'ready' && modeOf(state) === 'normal' && !state.tamper && state.operator === 'none';
  for (const { from, event, to } of explore(wiring).edges) {
    if (!calm(from) || !calm(to) || phaseOf(from) === phaseOf(to)) continue;
    const label = labelOf(event, from);
    const arrow = `${idOf(from)} --> ${idOf(to)}`;
    labels.set(arrow, (labels.get(arrow) ?? new Set()).add(label));
  }
  const lines = [...labels].map(([arrow, events]) => `  ${arrow}: ${[...events].sort().join(', ')}`);
  return ['stateDiagram-v2', '  [*] --> unknown', ...lines.sort()].join('\n');
}

function idOf(state: DoorState): string {
  return phaseOf(state).replaceAll('-', '_');
}

function labelOf(event: DoorEvent, from: DoorState): string {
  switch (event.kind) {
    case 'grant':
      return 'granted';
    case 'due':
      return event.timer === 'pulse' ? 'pulse over' : event.timer === 'pre-alarm' ? 'open for long' : 'still open';
    case 'opened':
      return from.exit && !from.pulse ? 'opened while the exit button is held' : 'opened';
    case 'closed':
      return 'closed';
    case 'operator':
      return event.wish === 'secured' ? 'operator locks' : 'operator unlocks';
    case 'exit':
      return 'exit button';
    case 'tamper':
    case 'fire':
    case 'lockdown':
    case 'schedule':
    case 'board':
      return event.kind;
  }
}
