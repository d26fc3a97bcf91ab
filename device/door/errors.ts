import { WhorlError } from '../errors.ts';

export class DoorError extends WhorlError {
  constructor(code: 'door.bad-pulse' | 'door.closed', message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}
