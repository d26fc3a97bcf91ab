import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openReportKey } from '../../device/provision/acceptance/report-key.ts';
import { drawReport } from '../../device/provision/acceptance/report-page.ts';
import { keyIdOf, readReport, signReport, type Acceptance } from '../../device/provision/acceptance/report.ts';
import { fingerprintOf, readDeviceKey } from '../../device/provision/identity/device-key.ts';
import type { StepState } from '../../device/provision/provisioning.ts';
import { scratch } from '../support/scratch.ts';

const FILE = { keeper: 'file' } as const;
const result = { verdict: 'noted', at: '2026-11-27T08:00:00.000Z', operator: 'Tess' } as const;
const step: StepState = {
  ...{ id: 'clock', title: 'Clock', purpose: 'Right.' },
  result: { ...result, findings: [{ mark: 'note', words: 'not trusted: no network – <b>“yet”</b> & so on' }] },
};
const acceptance: Acceptance = {
  ...{ device: 'door-1', software: '0.1.0', host: 'board', operator: 'Tess', now: Date.UTC(2026, 10, 27) },
  steps: [step],
};

test('a report is read as it was signed, and refused when any part of it was changed', async (context) => {
  const key = openReportKey(scratch(context), FILE);
  const report = await signReport(acceptance, key);
  const text = JSON.stringify(report, undefined, 2);
  assert.deepEqual(readReport(text), report);
  // In another order it is the same report.
  assert.deepEqual(readReport(JSON.stringify(Object.fromEntries(Object.entries(report).toReversed()))), report);

  const changes: Record<string, unknown>[] = [
    { device: 'door-2' },
    { operator: 'Tess ' },
    { at: '2026-11-28T00:00:00.000Z' },
    { steps: [] },
    { steps: [{ ...report.steps[0], verdict: 'passed' }] },
    { publicKey: openReportKey(scratch(context), FILE).publicKey },
    { signature: '' },
    { signature: Buffer.alloc(64).toString('base64url') },
  ];
  for (const change of changes)
    assert.throws(() => readReport(JSON.stringify({ ...report, ...change })), { code: 'provision.bad-signature' });
  for (const nonsense of ['', '{}', 'null', '[]', text.slice(0, -3), JSON.stringify({ ...report, more: 1 })])
    assert.throws(() => readReport(nonsense), { code: 'provision.bad-report' });
});

test('nothing is signed while a step is open or needs work', async (context) => {
  const key = openReportKey(scratch(context), FILE);
  const { result: done, ...open } = step;
  assert.ok(done);
  for (const other of [open, { ...open, result: { ...done, verdict: 'failed' as const } }])
    await assert.rejects(signReport({ ...acceptance, steps: [step, other] }, key), { code: 'provision.not-ready' });
});

test('the key is the board’s own, the same each time', (context) => {
  const state = scratch(context);
  const { publicKey } = openReportKey(state, FILE);
  assert.equal(openReportKey(state, FILE).publicKey, publicKey);
  assert.equal(keyIdOf(publicKey), fingerprintOf(readDeviceKey(state)));
});

test('what was found cannot become part of the page', async (context) => {
  const html = drawReport(await signReport(acceptance, openReportKey(scratch(context), FILE)));
  assert.ok(html.includes('&#60;b&#62;'));
  assert.doesNotMatch(html, /<b>“|<script|https?:/);
});
