import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import {
  avrInstruction,
  AVRIOPort,
  AVRTimer,
  AVRUSART,
  CPU,
  PinState,
  portBConfig,
  portCConfig,
  portDConfig,
  timer0Config,
  timer1Config,
  timer2Config,
  usart0Config,
} from 'avr8js';
import type { FirmwareBoard } from './firmware-board.ts';

const FREQUENCY = 16_000_000;
const FLASH_WORDS = 0x4000;
/** Between two looks at the serial line, and between two turns of the event loop. */
const SLICE_CYCLES = 64;
const TURN_CYCLES = 32_000;

/** An Arduino Uno in this process, run instruction by instruction by avr8js. */
export class EmulatedBoard implements FirmwareBoard {
  onByte: (byte: number) => void = () => undefined;
  onPin: (pin: number, high: boolean) => void = () => undefined;
  readonly #firmware: Uint16Array;
  readonly #received: number[] = [];
  #cpu!: CPU;
  #usart!: AVRUSART;
  #ports!: { B: AVRIOPort; C: AVRIOPort; D: AVRIOPort };
  readonly #levels = new Map<number, boolean>();
  #stopped = true;

  constructor(hexFile: string) {
    this.#firmware = readIntelHex(readFileSync(hexFile, 'latin1'));
    this.reset();
  }

  reset(): void {
    this.#received.length = 0;
    const cpu = (this.#cpu = new CPU(this.#firmware));
    for (const config of [timer0Config, timer1Config, timer2Config]) new AVRTimer(cpu, config);
    this.#usart = new AVRUSART(cpu, usart0Config, FREQUENCY);
    this.#usart.onByteTransmit = (byte) => {
      this.onByte(byte);
    };
    this.#ports = {
      B: new AVRIOPort(cpu, portBConfig),
      C: new AVRIOPort(cpu, portCConfig),
      D: new AVRIOPort(cpu, portDConfig),
    };
    for (const [port, first] of [
      [this.#ports.D, 0],
      [this.#ports.B, 8],
    ] as const)
      port.addListener(() => {
        for (let bit = 0; bit < 8; bit++) this.#note(first + bit, port.pinState(bit) === PinState.High);
      });
    for (let pin = 0; pin < 14; pin++) this.press(pin, true);
    this.#levels.clear();
  }

  fromHost(bytes: Iterable<number>): void {
    for (const byte of bytes) this.#received.push(byte);
  }

  isHigh(pin: number): boolean {
    return this.#levels.get(pin) === true;
  }

  press(pin: number, level: boolean): void {
    const port = pin < 8 ? this.#ports.D : this.#ports.B;
    port.setPin(pin % 8, level);
  }

  isPulledUp(pin: number): boolean {
    return (pin < 8 ? this.#ports.D : this.#ports.B).pinState(pin % 8) === PinState.InputPullUp;
  }

  async run(): Promise<void> {
    this.#stopped = false;
    let begin = performance.now() - this.#boardMs;
    while (!this.#isStopped()) {
      this.#advance(TURN_CYCLES);
      await turn();
      const ahead = this.#boardMs - (performance.now() - begin);
      if (ahead > 2) await new Promise((resolve) => setTimeout(resolve, ahead));
      // A machine too slow for it runs a slower board, not a breathless one.
      else if (ahead < -50) begin = performance.now() - this.#boardMs;
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  get #boardMs(): number {
    return (this.#cpu.cycles / FREQUENCY) * 1_000;
  }

  #advance(cycles: number): void {
    const end = this.#cpu.cycles + cycles;
    while (this.#cpu.cycles < end) {
      const slice = this.#cpu.cycles + SLICE_CYCLES;
      while (this.#cpu.cycles < slice) {
        avrInstruction(this.#cpu);
        this.#cpu.tick();
      }
      if (this.#received.length > 0 && this.#usart.writeByte(this.#received[0])) this.#received.shift();
    }
  }

  #isStopped(): boolean {
    return this.#stopped;
  }

  #note(pin: number, high: boolean): void {
    if ((this.#levels.get(pin) ?? false) === high) return;
    this.#levels.set(pin, high);
    this.onPin(pin, high);
  }
}

function readIntelHex(text: string): Uint16Array {
  const bytes = new Uint8Array(2 * FLASH_WORDS);
  for (const line of text.split('\n')) {
    if (!line.startsWith(':') || line.slice(7, 9) !== '00') continue;
    const record = Buffer.from(line.slice(1).trim(), 'hex');
    bytes.set(record.subarray(4, 4 + record[0]), record.readUInt16BE(1));
  }
  return new Uint16Array(bytes.buffer);
}
