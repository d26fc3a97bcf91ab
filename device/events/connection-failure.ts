import { WhorlError } from '../errors.ts';
import { EventsError } from './errors.ts';

/** Return codes of MQTT 3.1.1 and reason codes of MQTT 5 by which a broker refuses a client, and what to do about it. */
const REFUSALS: Readonly<Record<number, string>> = {
  2: 'it does not like the name of this terminal',
  3: 'it is not ready',
  4: 'user or password are wrong',
  5: 'this terminal may not connect; look at the broker’s users and access list',
  133: 'it does not like the name of this terminal',
  134: 'user or password are wrong',
  135: 'this terminal may not connect; look at the broker’s users and access list',
  136: 'it is not ready',
  137: 'it is busy',
  138: 'this terminal is banned',
  149: 'a message was too large for it',
  151: 'a quota is used up',
  159: 'too many clients connect at once',
};

/** What a broker says that speaks MQTT 3.1.1 only: by its return code, or by that of MQTT 5. */
const OTHER_PROTOCOL: readonly unknown[] = [1, 132];

/** What OpenSSL finds wrong with the broker's certificate. */
const UNKNOWN_CA: readonly unknown[] = [
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
  'INVALID_CA',
];

/** Alerts by which the broker refuses the device's certificate, and what each one means. */
const ALERTS: readonly (readonly [RegExp, string])[] = [
  [/ALERT_CERTIFICATE_EXPIRED/, 'it has expired; renew it'],
  [/ALERT_CERTIFICATE_REVOKED/, 'it was revoked; provision this terminal anew'],
  [/ALERT_CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE/, 'it asks for one; provision this terminal, or set broker.tls'],
  [/ALERT_UNKNOWN_CA/, 'it does not know the authority that signed it'],
  [/ALERT_(BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|UNSUPPORTED_CERTIFICATE|DECRYPT_ERROR|ACCESS_DENIED)/, 'see its log'],
];

export function isOtherProtocol(error: Error): boolean {
  return OTHER_PROTOCOL.includes(codeOf(error));
}

/** Says in words, and by a code, why a broker cannot be used. */
export function explainFailure(error: Error, host: string): EventsError {
  if (error instanceof EventsError) return error;
  const failure = (code: ConstructorParameters<typeof EventsError>[0], message: string): EventsError =>
    new EventsError(code, message, { cause: error });
  if (error instanceof WhorlError) return failure('events.tls-files', error.message);
  const code = codeOf(error);
  if (typeof code === 'number') {
    const what = REFUSALS[code] ?? error.message;
    return failure('events.broker-refused', `the broker refuses: ${what} (reason code ${code})`);
  }
  const text = typeof code === 'string' ? code : '';
  if (text === 'CERT_HAS_EXPIRED')
    return failure(
      'events.tls-expired',
      `the certificate of ${host} has expired; renew it on the broker, and look whether this board’s clock is right`,
    );
  if (text === 'CERT_NOT_YET_VALID')
    return failure(
      'events.tls-not-yet-valid',
      `the certificate of ${host} is not valid yet: look whether this board’s clock is right`,
    );
  if (text === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return failure(
      'events.tls-wrong-host',
      `the broker’s certificate is not for ${host}; use a name that is in it, or have it made for this one`,
    );
  if (UNKNOWN_CA.includes(text))
    return failure(
      'events.tls-unknown-ca',
      `the certificate of ${host} was signed by nobody this terminal trusts; set broker.tls.ca to its authority (${text})`,
    );
  const [, meaning] = ALERTS.find(([pattern]) => pattern.test(text)) ?? [];
  if (meaning !== undefined)
    return failure(
      'events.tls-certificate-refused',
      `the broker refuses this terminal’s certificate: ${meaning} (${text})`,
    );
  if (text.startsWith('ERR_SSL_') || text.startsWith('ERR_OSSL_') || text.startsWith('ERR_TLS_'))
    return failure('events.tls-failed', `no TLS 1.3 connection to ${host}: ${error.message}`);
  return failure(
    'events.broker-unreachable',
    `no connection to ${host}: ${error.message === '' ? 'nobody answers' : error.message}`,
  );
}

function codeOf(error: Error): unknown {
  return 'code' in error ? error.code : undefined;
}
