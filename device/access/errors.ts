import { WhorlError } from '../errors.ts';

export class AccessError extends WhorlError {
  constructor(
    code: 'access.rules-malformed' | 'access.rules-invalid' | 'access.rules-newer',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}
