import { createPublicKey, sign } from 'node:crypto';
import type { KeeperChoice } from '../../secrets/keeper.ts';
import { hasDeviceKey, makeDeviceKey, readDeviceKey } from '../identity/device-key.ts';
import type { ReportKey } from './report.ts';

/**
 * The board's own key, which signs its reports; made where it has none yet.
 *
 * @throws IdentityError, SecretsError
 */
export function openReportKey(state: string, keeper: KeeperChoice): ReportKey {
  if (!hasDeviceKey(state)) makeDeviceKey(state, keeper);
  const key = readDeviceKey(state);
  return {
    publicKey: createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64'),
    sign: (bytes) => Promise.resolve(sign('sha256', bytes, key)),
  };
}
