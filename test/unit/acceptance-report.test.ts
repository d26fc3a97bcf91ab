import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { openReportKey } from '../../device/provision/acceptance/report-key.ts';
import { drawReport } from '../../device/provision/acceptance/report-page.ts';
import { keyIdOf, readReport, signReport, type Acceptance } from '../../device/provision/acceptance/report.ts';
import type { StepState } from '../../device/provision/provisioning.ts';
import { scratch } from '../support/scratch.ts';

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
  const key = openReportKey(scratch(context));
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
    { publicKey: openReportKey(scratch(context)).publicKey },
    { signature: '' },
    { signature: Buffer.alloc(64).toString('base64url') },
  ];
  for (const change of changes)
    assert.throws(() => readReport(JSON.stringify({ ...report, ...change })), { code: 'provision.bad-signature' });
  for (const nonsense of ['', '{}', 'null', '[]', text.slice(0, -3), JSON.stringify({ ...report, more: 1 })])
    assert.throws(() => readReport(nonsense), { code: 'provision.bad-report' });
});

test('an elliptic key of a security chip signs as well', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  const report = await signReport(acceptance, {
    publicKey: spki,
    sign: (bytes) => Promise.resolve(sign('sha256', bytes, privateKey)),
  });
  assert.deepEqual(readReport(JSON.stringify(report)), report);
});

test('nothing is signed while a step is open or needs work', async (context) => {
  const key = openReportKey(scratch(context));
  const { result: done, ...open } = step;
  assert.ok(done);
  for (const other of [open, { ...open, result: { ...done, verdict: 'failed' as const } }])
    await assert.rejects(signReport({ ...acceptance, steps: [step, other] }, key), { code: 'provision.not-ready' });
});

test('the key stays the same, for its owner alone, and a damaged one is told', (context) => {
  const state = scratch(context);
  const first = openReportKey(state);
  assert.equal(openReportKey(state).publicKey, first.publicKey);
  assert.match(keyIdOf(first.publicKey), /^([\da-f]{4} ){7}[\da-f]{4}$/);
  const path = join(state, 'report.key');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  writeFileSync(path, 'nothing');
  assert.throws(() => openReportKey(state), { code: 'provision.bad-key' });
});

test('what was found cannot become part of the page', async (context) => {
  const html = drawReport(await signReport(acceptance, openReportKey(scratch(context))));
  assert.ok(html.includes('&#60;b&#62;'));
  assert.doesNotMatch(html, /<b>“|<script|https?:/);
});
