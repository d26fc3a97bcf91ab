import { WhorlError } from '../errors.ts';

export class EventsError extends WhorlError {
  constructor(
    code:
      | 'events.outbox-unreadable'
      | 'events.outbox-newer'
      | 'events.outbox-write'
      | 'events.broker-url'
      | 'events.broker-address'
      | 'events.not-connected'
      | 'events.not-drained',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}
