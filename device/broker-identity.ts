import { existsSync } from 'node:fs';
import type { Config } from './config/schema.ts';
import { readTlsFiles, type TlsMaterial } from './events/broker-tls.ts';
import { hasDeviceKey, identityFiles, readDeviceKey } from './provision/identity/device-key.ts';

/**
 * Who this terminal is to its broker: by the files of the configuration, else by the certificate that it claimed.
 *
 * @throws EventsError `events.tls-files`; IdentityError or SecretsError where the board's own key cannot be read
 */
export function brokerIdentity({ broker, state }: Config): TlsMaterial {
  const { ca, certificate, key } = broker.tls;
  const own = identityFiles(state);
  const authority = ca ?? (existsSync(own.authority) ? own.authority : undefined);
  const given = readTlsFiles({
    ...(authority !== undefined && { ca: authority }),
    ...(certificate !== undefined && { certificate }),
    ...(key !== undefined && { key }),
  });
  if (certificate !== undefined || !existsSync(own.certificate) || !hasDeviceKey(state)) return given;
  const { cert } = readTlsFiles({ certificate: own.certificate });
  const pem = readDeviceKey(state).export({ type: 'pkcs8', format: 'pem' });
  return { ...given, ...(cert && { cert }), key: pem };
}
