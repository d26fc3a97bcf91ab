declare module 'firmata-io' {
  import type { EventEmitter } from 'node:events';

  /** What Firmata needs of a serial port. */
  export interface Transport extends EventEmitter {
    write(data: Buffer, callback?: () => void): unknown;
  }

  /** The protocol over a transport; itself a johnny-five IO plugin. */
  export class Firmata extends EventEmitter {
    constructor(transport: Transport, options?: { reportVersionTimeout?: number });
    readonly isReady: boolean;
    readonly firmware: {
      readonly name?: string;
      readonly version?: { readonly major: number; readonly minor: number };
    };
    readonly pins: readonly {
      /** As it was written last. */
      readonly value?: 0 | 1;
      /** As the board told last. */
      readonly state?: number;
    }[];
    digitalWrite(pin: number, value: 0 | 1): void;
    queryPinState(pin: number, answered: () => void): void;
  }

  const module: { Firmata: typeof Firmata };
  export default module;
}
