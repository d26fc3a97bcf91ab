import { WhorlError } from '../errors.ts';

export class SecretsError extends WhorlError {
  constructor(
    code:
      | 'secrets.missing'
      | 'secrets.unsafe'
      | 'secrets.malformed'
      | 'secrets.storage'
      | 'secrets.tpm-failed'
      | 'secrets.systemd-creds-failed',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}
