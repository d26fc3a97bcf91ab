import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killRotations } from '../support/killed-rotations.ts';

const ROUNDS = 10;

test(`SIGKILL at ${ROUNDS} random instants of rotations of the master key`, async (context) => {
  const { rotations, finishedAtOpening, lost } = await killRotations(context, ROUNDS, () => undefined);
  context.diagnostic(`${rotations} rotations, ${finishedAtOpening} finished at the next opening`);
  assert.equal(lost, 0);
  assert.ok(rotations > 0);
});
