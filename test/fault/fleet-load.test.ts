import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runLoad } from '../support/fleet-load/run.ts';
import { skipWithoutMosquitto } from '../support/mosquitto.ts';
import { skipWithoutPostgres } from '../support/postgres.ts';

const skip = skipWithoutMosquitto() || skipWithoutPostgres();

test(
  'a fleet through a killed collector and a killed PostgreSQL: every event exactly once',
  { skip },
  async (context) => {
    const result = await runLoad(context, {
      devices: 100,
      processes: 1,
      events: 60,
      eventsPerSecond: 600,
      faults: true,
      patienceMs: 120_000,
      onStage: (stage) => {
        context.diagnostic(stage);
      },
    });
    const { expected, stored, wrongDevices, deadLetters } = result;
    assert.deepEqual({ stored, wrongDevices, deadLetters }, { stored: expected, wrongDevices: 0, deadLetters: 0 });
  },
);
