import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAULTS } from '../support/grow-faults.ts';
import { runFaults } from '../support/grow-fault-run.ts';
import { scratch } from '../support/scratch.ts';
import { skipWithoutSocat } from '../support/socat.ts';

const RECOVERY_MS = 5_000;

test('a thousand random fault sequences through pseudo-terminals', { skip: skipWithoutSocat() }, async (context) => {
  const run = await runFaults({ sequences: 1_000, modules: 20, directory: scratch(context) });
  const { results, touches, pictures, foreign, inexact, swaps, medianMs, worstMs } = run;
  context.diagnostic(
    `${touches} touches, ${pictures} pictures; recovered in ${medianMs.toFixed(0)} ms, at worst ${worstMs.toFixed(0)} ms`,
  );
  const strange = results.filter((result) => result.foreign + result.inexact + result.swaps > 0);
  assert.equal(foreign, 0, JSON.stringify(strange));
  // Of two errors in one frame its plain sum may see nothing.
  assert.ok(inexact <= 2, JSON.stringify(strange));
  // One that falls silent among the questions may be taken for another: it is not used, and asked again at once.
  assert.ok(swaps <= 5, JSON.stringify(strange));
  for (const fault of FAULTS)
    assert.ok(
      results.some(({ faults }) => faults.includes(fault)),
      fault,
    );
  assert.deepEqual(
    results.filter(({ recoveryMs }) => recoveryMs > RECOVERY_MS),
    [],
  );
});
