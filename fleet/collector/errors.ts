import { WhorlError } from '../../device/errors.ts';

export class CollectorError extends WhorlError {
  constructor(
    code:
      | 'collector.store-url'
      | 'collector.store-unreadable'
      | 'collector.store-newer'
      /** The store cannot be reached or written now; the same may succeed later. */
      | 'collector.store-away'
      /** The store will never take this; the same fails again. */
      | 'collector.store-refused',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}
