import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { replaceFile } from '../../durable-file.ts';
import type { KeeperChoice } from '../../secrets/keeper.ts';
import { type DeviceCertificate, keepCertificate, readAuthority } from './certificate.ts';
import { askClaimService, type ClaimService } from './claim-service.ts';
import { identityFiles, makeDeviceKey, readDeviceKey } from './device-key.ts';
import { IdentityError } from './errors.ts';

const serviceSchema = z.strictObject({ url: z.url() });

/** Whose certificate it is to be. */
export interface Claimant {
  readonly state: string;
  readonly device: string;
  readonly keys: KeeperChoice;
  readonly clock: Clock;
}

/**
 * Gets the board its first certificate for a one-time code. The service may be asked again with the same code and key
 * when its answer got lost.
 *
 * @throws IdentityError, SecretsError; then nothing was changed but that the board may have a key now
 */
export async function claimCertificate(
  { state, device, keys, clock }: Claimant,
  service: ClaimService,
  code: string,
  patienceMs?: number,
): Promise<DeviceCertificate> {
  const { authority, url } = service;
  readAuthority(authority);
  makeDeviceKey(state, keys);
  const key = readDeviceKey(state);
  const { certificateRequest } = await import('./request.ts');
  const body = { device, code, csr: await certificateRequest(device, key) };
  const pem = await askClaimService(service, 'claim', body, undefined, patienceMs);
  const certificate = keepCertificate(state, pem, { authority, key, device, now: clock.now() });
  replaceFile(identityFiles(state).service, `${JSON.stringify({ url })}\n`);
  return certificate;
}

/**
 * Gets the board another certificate for the same key, by the one that it has.
 *
 * @throws IdentityError, also `identity.not-claimed`; SecretsError
 */
export async function renewCertificate(
  { state, device, clock }: Omit<Claimant, 'keys'>,
  patienceMs?: number,
): Promise<DeviceCertificate> {
  const files = identityFiles(state);
  if (![files.certificate, files.authority, files.service].every((path) => existsSync(path)))
    throw new IdentityError('identity.not-claimed', 'this board has claimed no certificate: whorl identity claim');
  const authority = readFileSync(files.authority, 'utf8');
  const { url } = readService(files.service);
  const key = readDeviceKey(state);
  const { certificateRequest } = await import('./request.ts');
  const client = {
    certificate: readFileSync(files.certificate, 'utf8'),
    key: key.export({ type: 'pkcs8', format: 'pem' }),
  };
  const body = { device, csr: await certificateRequest(device, key) };
  const pem = await askClaimService({ url, authority }, 'renew', body, client, patienceMs);
  return keepCertificate(state, pem, { authority, key, device, now: clock.now() });
}

function readService(path: string): z.output<typeof serviceSchema> {
  try {
    return serviceSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new IdentityError('identity.not-claimed', `${path} does not name the claim service: whorl identity claim`, {
      cause,
    });
  }
}
