import { WhorlError } from '../errors.ts';

export class MinutiaeError extends WhorlError {
  constructor(
    code:
      | 'minutiae.not-a-record'
      | 'minutiae.unsupported-record'
      | 'minutiae.truncated-record'
      | 'minutiae.corrupt-record'
      | 'minutiae.unwritable-record',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}
