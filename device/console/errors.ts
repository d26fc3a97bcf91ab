import { WhorlError } from '../errors.ts';

export type ConsoleErrorCode =
  | 'console.bad-certificate'
  | 'console.bad-request'
  | 'console.foreign-page'
  | 'console.no-session'
  | 'console.not-found'
  | 'console.too-many-streams'
  | 'console.unusable-address'
  | 'console.wait'
  | 'console.wrong-code';

/** What goes wrong between the technician's page and the board. */
export class ConsoleError extends WhorlError {
  declare readonly code: ConsoleErrorCode;

  constructor(code: ConsoleErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}
