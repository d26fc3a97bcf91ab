import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { systemClock } from '../../device/clock.ts';
import { readCertificate } from '../../device/provision/identity/certificate.ts';
import { claimCertificate, renewCertificate } from '../../device/provision/identity/claim.ts';
import { fingerprintOf, identityFiles, readDeviceKey } from '../../device/provision/identity/device-key.ts';
import { serialOf, TestClaimService } from '../support/claim-service.ts';
import { scratch } from '../support/scratch.ts';

const boardIn = (state: string, device = 'door-1') =>
  ({ state, device, keys: { keeper: 'file' }, clock: systemClock }) as const;

test('a board claims its certificate once, and renews it by the one that it has', async (context) => {
  const service = await TestClaimService.open(context);
  const state = scratch(context);
  const files = identityFiles(state);
  service.codes.set('4711', 'unused').set('old', 'expired');
  const { url, authority } = service;
  const claim = (code: string, at = state) =>
    claimCertificate(boardIn(at), { url, authority }, code, service.mood === 'silent' ? 500 : undefined);
  await assert.rejects(claim('4712'), { code: 'identity.wrong-code' });
  await assert.rejects(claim('old'), { code: 'identity.expired-code' });
  await assert.rejects(renewCertificate(boardIn(state)), { code: 'identity.not-claimed' });
  for (const [mood, code] of [
    ['silent', 'identity.service-failed'],
    ['dies', 'identity.service-failed'],
    ['nonsense', 'identity.service-failed'],
    ['signs-for-another', 'identity.bad-certificate'],
    ['dies-after-signing', 'identity.service-failed'],
  ] as const) {
    service.mood = mood;
    await assert.rejects(claim('4711'), { code }, mood);
    assert.equal(existsSync(files.certificate), false);
  }
  // The service used the code up for this board; its answer was lost, so the board asks again.
  service.mood = 'fine';
  const certificate = await claim('4711');
  assert.equal(certificate.name, 'door-1');
  assert.equal(certificate.issuer, 'Test authority');
  assert.equal(readFileSync(files.authority, 'utf8'), authority);
  assert.equal(statSync(files.key).mode & 0o777, 0o600);
  const life = certificate.validUntil - certificate.validFrom;
  const at = (certificate.renewAt - certificate.validFrom) / life;
  assert.ok(at > 0.6 && at <= 2 / 3, `renewed at ${at} of its life`);
  assert.deepEqual(readCertificate(state), certificate);
  await assert.rejects(claim('4711', scratch(context)), { code: 'identity.used-code' });

  const [serial, fingerprint] = [
    serialOf(readFileSync(files.certificate, 'utf8')),
    fingerprintOf(readDeviceKey(state)),
  ];
  service.mood = 'dies';
  await assert.rejects(renewCertificate(boardIn(state)), { code: 'identity.service-failed' });
  assert.equal(serialOf(readFileSync(files.certificate, 'utf8')), serial);
  service.mood = 'fine';
  await renewCertificate(boardIn(state));
  assert.notEqual(serialOf(readFileSync(files.certificate, 'utf8')), serial);
  assert.equal(fingerprintOf(readDeviceKey(state)), fingerprint);
});

test('a service of another authority hears no code', async (context) => {
  const [real, false_] = [await TestClaimService.open(context), await TestClaimService.open(context)];
  const state = scratch(context);
  false_.codes.set('4711', 'unused');
  await assert.rejects(claimCertificate(boardIn(state), { url: false_.url, authority: real.authority }, '4711'), {
    code: 'identity.untrusted-service',
  });
  assert.equal(false_.codes.get('4711'), 'unused');
  for (const url of ['http://localhost/v1', 'nonsense'])
    await assert.rejects(claimCertificate(boardIn(state), { url, authority: real.authority }, '4711'), {
      code: 'identity.bad-address',
    });
  await assert.rejects(claimCertificate(boardIn(state), { url: real.url, authority: 'nonsense' }, '4711'), {
    code: 'identity.bad-authority',
  });
});
