import { WhorlError } from '../../errors.ts';

export class MtmError extends WhorlError {
  constructor(code: 'mtm.bad-template' | 'mtm.bad-parameters', message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}
