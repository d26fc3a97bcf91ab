import { INPUTS, type Input } from './board.ts';
import { DoorError } from './errors.ts';

/** How a board is reached and what hangs on which of its lines. */
export interface BoardWiring {
  /** A serial port with StandardFirmata behind it, or a GPIO chip of this computer. */
  readonly board:
    { readonly kind: 'firmata'; readonly port: string } | { readonly kind: 'gpio'; readonly chip: string };
  readonly relay: { readonly line: number; readonly active: 'high' | 'low' };
  /** NO: active closes the circuit to ground; NC: active opens it. A line that nothing pulls down reads as open. */
  readonly inputs: Readonly<Partial<Record<Input, { readonly line: number; readonly wired: 'NO' | 'NC' }>>>;
  readonly green?: number;
  readonly red?: number;
  readonly buzzer?: number;
}

/** Blinked by StandardFirmata at every start. */
const BLINKING_PIN = 13;
/** The serial line itself. */
const SERIAL_PINS: readonly number[] = [0, 1];
const LINES_A_PORT = 8;

/**
 * Refuses a wiring that could not work, or would open the door by itself.
 *
 * @throws DoorError `door.bad-wiring`
 */
export function checkWiring(wiring: BoardWiring): void {
  const { relay, green, red, buzzer, board } = wiring;
  const outputs = [relay.line, green, red, buzzer].filter((line) => line !== undefined);
  const inputs = INPUTS.flatMap((input) => wiring.inputs[input]?.line ?? []);
  const all = [...outputs, ...inputs];
  const twice = all.find((line, index) => all.indexOf(line) !== index);
  if (twice !== undefined) throw new DoorError('door.bad-wiring', `line ${twice} of the door’s board is used twice`);
  if (board.kind === 'gpio') return;
  if (relay.line === BLINKING_PIN)
    throw new DoorError(
      'door.bad-wiring',
      `pin ${BLINKING_PIN} blinks at every start of the board: no place for a relay`,
    );
  if (relay.active === 'low')
    throw new DoorError(
      'door.bad-wiring',
      'every pin is low at every start of the board: a relay that is energised by a low level would unlock the door; take one that is energised by a high level',
    );
  const serial = all.find((line) => SERIAL_PINS.includes(line));
  if (serial !== undefined) throw new DoorError('door.bad-wiring', `pin ${serial} is the board’s serial line`);
  // Firmata writes eight pins at once, and with them the pull-ups of inputs among them: a pressed one would lose its own.
  const shared = inputs.find((input) => outputs.some((output) => portOf(output) === portOf(input)));
  if (shared !== undefined)
    throw new DoorError(
      'door.bad-wiring',
      `input ${shared} shares its port of eight pins (${8 * portOf(shared)} to ${8 * portOf(shared) + 7}) with an output; put inputs and outputs on different ports`,
    );
}

export function portOf(line: number): number {
  return Math.floor(line / LINES_A_PORT);
}
