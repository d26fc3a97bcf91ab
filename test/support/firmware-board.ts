/**
 * An Arduino Uno that runs real firmware: pins from 0 to 13 as printed on the board. Its serial line is `fromHost` and
 * `onByte`; cutting that wire leaves the board powered, as a bad plug does.
 */
export interface FirmwareBoard {
  /** Told of every byte that the board sends. */
  onByte: (byte: number) => void;
  /** Told of every change of an output. */
  onPin: (pin: number, high: boolean) => void;
  fromHost(bytes: Iterable<number>): void;
  /** What the world puts on an input: true lets it float to its pull-up, false closes its circuit to ground. */
  press(pin: number, level: boolean): void;
  /** Whether an output drives its pin high; an input, pulled up or not, does not. */
  isHigh(pin: number): boolean;
  /** Whether an input's pull-up is on. */
  isPulledUp(pin: number): boolean;
  /** As by the board's button, or by opening the port of a board that resets then. */
  reset(): void;
  /** Runs until stopped, no faster than a real board. */
  run(): Promise<void>;
  stop(): void;
}
