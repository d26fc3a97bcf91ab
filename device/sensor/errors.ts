import { WhorlError } from '../errors.ts';

export class SensorError extends WhorlError {
  constructor(
    code: 'sensor.unknown-kind' | 'sensor.bad-folder' | 'sensor.unreadable-image' | 'sensor.closed',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}
