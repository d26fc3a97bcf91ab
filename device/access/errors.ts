import { WhorlError } from '../errors.ts';

export class AccessError extends WhorlError {
  constructor(
    code:
      | 'access.rules-malformed'
      | 'access.rules-invalid'
      | 'access.rules-newer'
      | 'access.rules-changed'
      | 'access.unknown-group'
      | 'access.pass-invalid',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}
