import { fileURLToPath } from 'node:url';
import type { Config } from './config/schema.ts';
import { INPUTS, type OpenBoard } from './door/board.ts';
import { BoardLink } from './door/board-link.ts';
import { DoorError } from './door/errors.ts';
import { SimulatedBoard } from './door/simulated-board.ts';
import type { BoardWiring } from './door/wiring.ts';

const PROGRAM = fileURLToPath(new URL('door-io.mjs', import.meta.url));

/**
 * Makes ready to open the board that the operator named.
 *
 * @throws DoorError `door.unknown-board`, `door.bad-wiring`
 */
export function openBoardOf(config: Config): OpenBoard {
  const { device, door, events, state } = config;
  if (door.board === 'simulated') return SimulatedBoard.open;
  const argv = [state, device, String(events.capacity)];
  return BoardLink.opener({ program: PROGRAM, argv, wiring: wiringOf(door) });
}

function wiringOf(door: Config['door']): BoardWiring {
  const { relay, lamp, buzzer } = door;
  const inputs = INPUTS.flatMap((input) => {
    const { line, wired } = door[input];
    return wired === 'none' ? [] : [[input, { line, wired }] as const];
  });
  return {
    board: boardOf(door.board),
    relay,
    inputs: Object.fromEntries(inputs),
    ...lamp,
    ...(buzzer !== undefined && { buzzer }),
  };
}

function boardOf(specification: string): BoardWiring['board'] {
  const colon = specification.indexOf(':');
  const [kind, target] = [specification.slice(0, colon), specification.slice(colon + 1)];
  if (kind === 'firmata' && target !== '') return { kind, port: target };
  if (kind === 'gpio' && target !== '') return { kind, chip: target };
  throw new DoorError(
    'door.unknown-board',
    `"${specification}" drives no door; known: simulated, firmata:<serial port>, gpio:<chip>`,
  );
}
