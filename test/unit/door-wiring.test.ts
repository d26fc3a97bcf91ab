import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DoorError } from '../../device/door/errors.ts';
import { checkWiring, type BoardWiring } from '../../device/door/wiring.ts';

const GOOD: BoardWiring = {
  board: { kind: 'firmata', port: '/dev/ttyACM0' },
  relay: { line: 8, active: 'high' },
  inputs: { contact: { line: 2, wired: 'NC' }, exit: { line: 3, wired: 'NO' } },
  ...{ green: 9, red: 10, buzzer: 11 },
};
const GPIO = { kind: 'gpio', chip: 'gpiochip0' } as const;

test('a wiring that could not work or would open the door by itself is refused, with words', () => {
  checkWiring(GOOD);
  const bad: [Partial<BoardWiring>, RegExp][] = [
    [{ relay: { line: 13, active: 'high' } }, /blinks/],
    [{ relay: { line: 8, active: 'low' } }, /every pin is low/],
    [{ green: 8 }, /used twice/],
    [{ inputs: { fire: { line: 2, wired: 'NO' }, tamper: { line: 2, wired: 'NC' } } }, /used twice/],
    [{ inputs: { exit: { line: 1, wired: 'NO' } } }, /serial line/],
    [{ inputs: { exit: { line: 12, wired: 'NO' } } }, /shares its port/],
    [{ board: GPIO, green: 8 }, /used twice/],
  ];
  for (const [change, words] of bad)
    assert.throws(
      () => {
        checkWiring({ ...GOOD, ...change });
      },
      (error) => error instanceof DoorError && error.code === 'door.bad-wiring' && words.test(error.message),
    );
  checkWiring({ ...GOOD, board: GPIO, relay: { line: 13, active: 'low' } });
});
