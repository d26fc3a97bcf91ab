import { WhorlError } from '../../errors.ts';

export class FusionError extends WhorlError {
  constructor(code: 'fusion.bad-file' | 'fusion.other-models', message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}
