import type { Clock } from '../../device/clock.ts';
import { ControlledDoor, type DoorSettings } from '../../device/door/controlled-door.ts';
import type { DoorChange } from '../../device/door/door.ts';
import { SimulatedBoard } from '../../device/door/simulated-board.ts';

export interface SimulatedDoor {
  readonly door: ControlledDoor;
  readonly board: SimulatedBoard;
  readonly changes: DoorChange[];
}

/** A door over a simulated board that answers already. */
export async function simulatedDoor(clock: Clock, settings: Partial<DoorSettings> = {}): Promise<SimulatedDoor> {
  const changes: DoorChange[] = [];
  let board: SimulatedBoard | undefined;
  const door = new ControlledDoor({
    open: (listener) => (board = SimulatedBoard.open(listener)),
    settings: {
      ...{ contact: false, lock: 'secure', unlockMs: 3_000, heldOpen: { warnMs: 20_000, alarmMs: 10_000 } },
      ...settings,
    },
    clock,
    onChange: (change) => changes.push(change),
  });
  await new Promise((resolve) => setImmediate(resolve));
  if (board === undefined) throw new Error('the door did not open its board');
  changes.length = 0;
  return { door, board, changes };
}
