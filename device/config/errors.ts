import { WhorlError } from '../errors.ts';

export class ConfigError extends WhorlError {
  constructor(
    code: 'config.unreadable' | 'config.unknown-key' | 'config.bad-value' | 'config.newer-version',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}
