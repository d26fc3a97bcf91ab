import type { Config } from './config/schema.ts';
import type { OpenBoard } from './door/board.ts';
import { DoorError } from './door/errors.ts';
import { SimulatedBoard } from './door/simulated-board.ts';

/** @throws DoorError `door.unknown-board` */
export function openBoardOf({ door }: Config): OpenBoard {
  if (door.board === 'simulated') return SimulatedBoard.open;
  throw new DoorError('door.unknown-board', `"${door.board}" is no door board`);
}
