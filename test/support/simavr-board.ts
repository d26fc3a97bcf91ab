import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { FirmwareBoard } from './firmware-board.ts';

const SOURCE = join(import.meta.dirname, 'simavr-board.c');
const PROGRAM = resolve(import.meta.dirname, '../../build/simavr-board');

/** For node:test's `skip`: false where the host program of simavr can be built, else the reason. */
export function skipWithoutSimavr(): string | false {
  if (existsSync(PROGRAM) && statSync(PROGRAM).mtimeMs > statSync(SOURCE).mtimeMs) return false;
  try {
    mkdirSync(resolve(PROGRAM, '..'), { recursive: true });
    execFileSync('cc', ['-O2', '-o', PROGRAM, SOURCE, '-lsimavr'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'libsimavr and a C compiler are not installed';
  }
}

/** An Arduino Uno in a process of its own, run by simavr. */
export class SimavrBoard implements FirmwareBoard {
  onByte: (byte: number) => void = () => undefined;
  onPin: (pin: number, high: boolean) => void = () => undefined;
  readonly #firmware: string;
  readonly #high = new Set<number>();
  readonly #pulledUp = new Set<number>();
  /** Orders from before it ran. */
  readonly #early: string[] = [];
  #process: ChildProcess | undefined;

  constructor(hexFile: string) {
    this.#firmware = hexFile;
  }

  fromHost(bytes: Iterable<number>): void {
    for (const byte of bytes) this.#order(`r ${byte.toString(16)}`);
  }

  press(pin: number, level: boolean): void {
    this.#order(`p ${pin} ${Number(level)}`);
  }

  isHigh(pin: number): boolean {
    return this.#high.has(pin);
  }

  isPulledUp(pin: number): boolean {
    return this.#pulledUp.has(pin);
  }

  reset(): void {
    this.#order('x');
  }

  async run(): Promise<void> {
    const child = spawn(PROGRAM, [this.#firmware], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#process = child;
    child.stdin.on('error', () => undefined);
    createInterface(child.stdout).on('line', (line) => {
      this.#hear(line);
    });
    for (const order of this.#early.splice(0)) this.#order(order);
    await new Promise((resolve) => child.once('close', resolve));
  }

  stop(): void {
    this.#process?.kill('SIGKILL');
  }

  #order(order: string): void {
    if (this.#process === undefined) this.#early.push(order);
    else this.#process.stdin?.write(`${order}\n`);
  }

  #hear(line: string): void {
    const [kind, first, second] = line.split(' ');
    if (kind === 't') {
      this.onByte(parseInt(first, 16));
      return;
    }
    const pin = Number(first);
    const set = kind === 'o' ? this.#high : this.#pulledUp;
    if (second === '1') set.add(pin);
    else set.delete(pin);
    if (kind === 'o') this.onPin(pin, second === '1');
  }
}
