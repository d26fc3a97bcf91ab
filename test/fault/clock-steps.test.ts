import { test } from 'node:test';
import { clockSteppedByAnHour, clockSteppedByDays } from '../support/clock-scenes.ts';
import { skipWithoutFaketime } from '../support/faked-clock.ts';

const skip = skipWithoutFaketime();

test('a clock set by a day, its network lost: who may pass depends on no time in doubt', { skip }, async (context) => {
  context.diagnostic(`${await clockSteppedByDays(context)} events in one sequence`);
});

test('a clock set by an hour, and summer time beginning and ending', { skip }, async (context) => {
  context.diagnostic(`${await clockSteppedByAnHour(context)} events in one sequence`);
});
