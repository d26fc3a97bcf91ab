import { WhorlError } from '../errors.ts';

export type DoorErrorCode =
  | 'door.bad-pulse'
  | 'door.closed'
  | 'door.locked-down'
  | 'door.board-lost'
  | 'door.unknown-board'
  | 'door.bad-wiring'
  | 'door.port'
  | 'door.firmware'
  | 'door.gpio-tools'
  | 'door.stale-command'
  | 'door.io-gone'
  | 'door.io-silent'
  | 'door.terminal-gone'
  | 'door.terminal-silent';

export class DoorError extends WhorlError {
  declare readonly code: DoorErrorCode;

  constructor(code: DoorErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}
