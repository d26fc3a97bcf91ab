import { WhorlError } from '../../errors.ts';

export class LatentError extends WhorlError {
  constructor(code: 'latent.bad-length', message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}
