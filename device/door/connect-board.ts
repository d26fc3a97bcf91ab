import type { BoardConnection } from './board-connection.ts';
import { connectFirmata } from './firmata-connection.ts';
import { connectGpio } from './gpio-connection.ts';
import { openSerialPort } from './serial-port.ts';
import type { BoardWiring } from './wiring.ts';

/** Reaches the board, relay off first. */
export function connectBoard(wiring: BoardWiring): Promise<BoardConnection> {
  return wiring.board.kind === 'firmata'
    ? connectFirmata(wiring.board.port, wiring.relay.line, openSerialPort)
    : connectGpio(wiring.board.chip, wiring.relay);
}
