import { WhorlError } from '../../device/errors.ts';

export class SynthesisError extends WhorlError {
  constructor(
    code:
      | 'synthesis.bad-plan'
      | 'synthesis.other-dataset'
      | 'synthesis.bad-manifest'
      | 'synthesis.write-failed'
      | 'synthesis.worker-failed',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}
