import { WhorlError } from '../errors.ts';

export class InferenceError extends WhorlError {
  constructor(
    code:
      | 'inference.bad-manifest'
      | 'inference.model-missing'
      | 'inference.wrong-hash'
      | 'inference.unloadable'
      | 'inference.other-shape'
      | 'inference.wrong-answer'
      | 'inference.too-slow'
      | 'inference.unknown-model'
      | 'inference.bad-input'
      | 'inference.run-failed'
      | 'inference.unavailable'
      | 'inference.overloaded'
      | 'inference.died'
      | 'inference.hung'
      | 'inference.closed',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}
