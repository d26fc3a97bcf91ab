import { WhorlError } from '../errors.ts';

export class ImagingError extends WhorlError {
  constructor(
    code:
      | 'imaging.unsupported-format'
      | 'imaging.undecodable'
      | 'imaging.bad-size'
      | 'imaging.bad-resolution'
      | 'imaging.other-sensor',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}
