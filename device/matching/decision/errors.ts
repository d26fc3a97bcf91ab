import { WhorlError } from '../../errors.ts';

export class DecisionError extends WhorlError {
  constructor(code: 'decision.bad-calibration' | 'decision.bad-budget', message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}
