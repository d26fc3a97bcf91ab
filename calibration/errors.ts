import { WhorlError } from '../device/errors.ts';

export class CalibrationError extends WhorlError {
  constructor(
    code:
      | 'calibration.no-folder'
      | 'calibration.empty-set'
      | 'calibration.duplicate-impression'
      | 'calibration.unknown-matcher'
      | 'calibration.no-models'
      | 'calibration.bad-score'
      | 'calibration.no-record'
      | 'calibration.not-quantized'
      | 'calibration.bad-truth'
      | 'calibration.worker-failed'
      | 'calibration.too-few-comparisons'
      | 'calibration.no-captures'
      | 'calibration.uneven-captures'
      | 'calibration.not-empty'
      | 'calibration.not-covered'
      | 'calibration.no-finger'
      | 'calibration.no-target',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}
