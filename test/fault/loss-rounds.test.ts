import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loseAndFind } from '../support/loss-rounds.ts';
import { skipWithoutMosquitto } from '../support/mosquitto.ts';
import { skipWithoutMount } from '../support/small-disk.ts';

const ROUNDS = 6;
const SEED = 1;

test(
  `${ROUNDS} rounds: terminal, broker, network, collector and disk fail in turn, and no event is lost`,
  { skip: skipWithoutMosquitto() },
  async (context) => {
    const { faults, ...tally } = await loseAndFind(context, ROUNDS, SEED);
    context.diagnostic(JSON.stringify({ ...tally, ...faults }));
    const noMount = skipWithoutMount();
    if (noMount !== false) context.diagnostic(`the disk was never full: ${noMount}`);
    assert.ok(tally.granted > 0 && tally.unlocked > 0, 'too little happened to prove anything');
  },
);
