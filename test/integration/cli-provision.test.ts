import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { openReportKey } from '../../device/provision/acceptance/report-key.ts';
import { signReport } from '../../device/provision/acceptance/report.ts';
import { scratch } from '../support/scratch.ts';

const WHORL = resolve(import.meta.dirname, '../../device/cli/whorl.mjs');

function whorl(input: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [WHORL, ...args], { input, encoding: 'utf8', timeout: 120_000 });
}

describe('whorl provision', () => {
  test('leads through steps by lines of text, and remembers what was found', (context) => {
    const state = scratch(context);
    const where = ['--state', state, '--operator', 'Tess'];
    const clock = whorl('7\n1\n', 'provision', '--step', 'clock', ...where);
    assert.equal(clock.status, 0, clock.stderr);
    assert.match(clock.stderr, /Is that right\?/);
    assert.match(clock.stdout, /the board’s clock was right/);

    // Nobody answers: the step is broken off, and what was found before stays.
    const alone = whorl('', '--json', 'provision', '--step', 'clock', ...where);
    assert.equal(alone.status, 1);
    assert.match(alone.stdout, /provision\.no-answer/);

    const unknown = whorl('', '--json', 'provision', '--step', 'roof', ...where);
    assert.match(unknown.stdout, /provision\.unknown-step/);
    const { results } = JSON.parse(readFileSync(join(state, 'provisioning.json'), 'utf8')) as {
      results: Record<string, { operator: string; findings: unknown[] }>;
    };
    assert.deepEqual(Object.keys(results), ['clock']);
    assert.equal(results.clock.operator, 'Tess');

    writeFileSync(join(state, 'provisioning.json'), '{"version":1,');
    assert.match(whorl('', '--json', 'provision', ...where).stdout, /provision\.unreadable-progress/);
  });

  test('verify tells a report that was changed from one that was not', async (context) => {
    const state = scratch(context);
    const result = { verdict: 'passed' as const, findings: [], at: '2026-11-27T08:00:00.000Z', operator: 'Tess' };
    const steps = [{ id: 'clock', title: 'Clock', purpose: 'Right.', result }];
    const about = { device: 'door-1', software: '0.1.0', host: 'board', operator: 'Tess', now: 0, steps };
    const file = join(state, 'report.json');
    const report = JSON.stringify(await signReport(about, openReportKey(state, { keeper: 'file' })), undefined, 2);
    writeFileSync(file, report);
    const good = whorl('', '--json', 'provision', 'verify', file);
    assert.equal(good.status, 0, good.stderr);
    assert.equal((JSON.parse(good.stdout) as { valid: boolean }).valid, true);
    writeFileSync(file, report.replace('door-1', 'door-2'));
    const bad = whorl('', '--json', 'provision', 'verify', file);
    assert.equal(bad.status, 1);
    assert.match(bad.stdout, /provision\.bad-signature/);
  });
});
