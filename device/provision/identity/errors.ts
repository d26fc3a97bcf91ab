import { WhorlError } from '../../errors.ts';

export class IdentityError extends WhorlError {
  constructor(
    code:
      | 'identity.none'
      | 'identity.bad-key'
      | 'identity.bad-certificate'
      | 'identity.bad-authority'
      | 'identity.bad-address'
      | 'identity.not-claimed'
      | 'identity.untrusted-service'
      | 'identity.service-failed'
      | 'identity.wrong-code'
      | 'identity.used-code'
      | 'identity.expired-code'
      | 'identity.refused',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}
