import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { askTerminal } from '../../device/control-socket.ts';
import type { DoorStatus } from '../../device/door/door.ts';
import { PtyWire, skipWithoutSocat } from './board-wire.ts';
import type { Cleanup } from './cleanup.ts';
import { EmulatedBoard } from './emulated-board.ts';
import type { FirmwareBoard } from './firmware-board.ts';
import { Program } from './program.ts';
import { scratch } from './scratch.ts';
import { SimavrBoard, skipWithoutSimavr } from './simavr-board.ts';
import { skipWithoutFirmware, standardFirmata } from './standard-firmata.ts';

/** What hangs on the emulated board, as README's wiring has it. */
export const PINS = { relay: 8, contact: 2, exit: 3, tamper: 4, fire: 5, green: 9, red: 10, buzzer: 11 } as const;

export const DOOR = {
  unlockMs: 1_000,
  relay: { line: PINS.relay, active: 'high' },
  contact: { line: PINS.contact, wired: 'NC' },
  exit: { line: PINS.exit, wired: 'NO' },
  tamper: { line: PINS.tamper, wired: 'NC' },
  fire: { line: PINS.fire, wired: 'NO' },
  lamp: { green: PINS.green, red: PINS.red },
  buzzer: PINS.buzzer,
  heldOpen: { warnMs: 1_000, alarmMs: 1_000 },
} as const;

/** What runs the firmware: this process, or one of its own. */
export type Emulator = 'avr8js' | 'simavr';

/** For node:test's `skip`. */
export function skipWithoutRig(emulator: Emulator = 'avr8js'): string | false {
  return skipWithoutSocat() || skipWithoutFirmware() || (emulator === 'simavr' && skipWithoutSimavr());
}

export interface PinChange {
  readonly pin: number;
  readonly high: boolean;
  /** By `performance.now()`. */
  readonly at: number;
}

/** An emulated board with real firmware behind a pseudo-terminal, and terminals that drive their door with it. */
export class DoorRig {
  readonly board: FirmwareBoard;
  readonly wire: PtyWire;
  readonly state: string;
  /** Every change of an output since the beginning. */
  readonly changes: PinChange[] = [];
  readonly #cleanup: Cleanup;

  private constructor(cleanup: Cleanup, board: FirmwareBoard, directory: string) {
    this.#cleanup = cleanup;
    this.board = board;
    this.state = join(directory, 'state');
    this.wire = new PtyWire(board, join(directory, 'board'));
    board.onPin = (pin, high) => this.changes.push({ pin, high, at: performance.now() });
  }

  static async open(cleanup: Cleanup, emulator: Emulator = 'avr8js'): Promise<DoorRig> {
    const firmware = standardFirmata();
    if (firmware === undefined) throw new Error('no firmware');
    const board = emulator === 'avr8js' ? new EmulatedBoard(firmware) : new SimavrBoard(firmware);
    const rig = new DoorRig(cleanup, board, scratch(cleanup));
    // A closed door with nothing the matter: the circuits that are closed at rest.
    board.press(PINS.contact, false);
    board.press(PINS.tamper, false);
    void board.run();
    await rig.wire.plug();
    cleanup.after(async () => {
      board.stop();
      await rig.wire.unplug();
    });
    return rig;
  }

  /**
   * Starts the whole terminal on this board and waits until the door is ready. Unless a sensor is named it has one that
   * is not plugged in, and nobody touches it.
   */
  async terminal(broker: string, ...more: string[]): Promise<Program> {
    const config = join(this.state, '../config.json');
    writeFileSync(config, JSON.stringify({ door: { ...DOOR, board: `firmata:${this.wire.path}` } }));
    const terminal = Program.whorl(
      this.#cleanup,
      ...['start', '--config', config, '--state', this.state, '--broker', broker],
      ...['--sensor', 'nb1010:nobody', ...more],
    );
    await this.until(async () => (await this.ask('door.status'))?.board === 'ready', 'the door is ready', 60_000);
    return terminal;
  }

  /** Undefined where no terminal answers. */
  async ask(command: string, more: object = {}): Promise<DoorStatus | undefined> {
    const operator = command === 'door.status' ? {} : { operator: 'test' };
    try {
      return (await askTerminal(this.state, { command, ...operator, ...more })) as DoorStatus;
    } catch {
      return undefined;
    }
  }

  get released(): boolean {
    return this.board.isHigh(PINS.relay);
  }

  async until(condition: () => boolean | Promise<boolean>, what: string, milliseconds = 20_000): Promise<void> {
    const deadline = performance.now() + milliseconds;
    while (!(await condition())) {
      if (performance.now() > deadline) throw new Error(`not within ${milliseconds} ms: ${what}`);
      await pause(5);
    }
  }

  /** The I/O processes of a terminal: who has the port open, and who has not. */
  ioProcesses(terminal: Program): { driver: number | undefined; guard: number | undefined } {
    const children = readFileSync(`/proc/${terminal.pid}/task/${terminal.pid}/children`, 'utf8').trim().split(' ');
    const tty = readlinkSync(this.wire.path);
    const holds = (pid: number): boolean =>
      readdirSync(`/proc/${pid}/fd`).some((fd) => {
        try {
          return readlinkSync(`/proc/${pid}/fd/${fd}`) === tty;
        } catch {
          return false;
        }
      });
    const io = children.map(Number).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('door-io'));
    return { driver: io.find(holds), guard: io.find((pid) => !holds(pid)) };
  }
}
