import { WhorlError } from '../errors.ts';

export class EventsError extends WhorlError {
  constructor(
    code:
      | 'events.outbox-unreadable'
      | 'events.outbox-newer'
      | 'events.outbox-write'
      | 'events.broker-url'
      | 'events.broker-address'
      | 'events.broker-unreachable'
      | 'events.broker-refused'
      | 'events.broker-silent'
      | 'events.broker-left'
      | 'events.tls-files'
      | 'events.tls-expired'
      | 'events.tls-not-yet-valid'
      | 'events.tls-wrong-host'
      | 'events.tls-unknown-ca'
      | 'events.tls-certificate-refused'
      | 'events.tls-failed'
      | 'events.publish-refused'
      | 'events.subscribe-refused'
      | 'events.bad-order'
      | 'events.other-journal'
      | 'events.never-sent'
      | 'events.not-connected'
      | 'events.not-drained',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}
