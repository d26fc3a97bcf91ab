import { EventEmitter } from 'node:events';
import type { BoardConnection } from './board-connection.ts';
import { DoorError } from './errors.ts';
import { GpioTools, type HeldTool } from './gpio-tools.ts';
import type { BoardWiring } from './wiring.ts';

/** A tool that fails, as a rule, does so by then. */
const PROOF_MS = 60;

interface Pin {
  readonly supportedModes: readonly number[];
  mode: number;
  value: 0 | 1;
  report: 0 | 1;
  readonly analogChannel: number;
}

const [INPUT, OUTPUT] = [0, 1] as const;
const NO_CHANNEL = 127;
const MOST_LINES = 1_024;

/** Holds the relay off, and makes a johnny-five IO plugin of a GPIO chip. */
export async function connectGpio(chip: string, relay: BoardWiring['relay']): Promise<BoardConnection> {
  const tools = await GpioTools.find(chip);
  const gone = new AbortController();
  const lines = new GpioLines(tools, relay, (reason) => {
    gone.abort(new DoorError('door.gpio-tools', `the lines of ${chip} cannot be used: ${reason}`));
  });
  lines.digitalWrite(relay.line, relay.active === 'high' ? 0 : 1);
  await lines.flushed();
  if (gone.signal.aborted) throw gone.signal.reason as DoorError;
  return {
    name: () => `lines of ${chip} by libgpiod ${tools.version}`,
    io: lines,
    begin: () => {
      lines.begin();
    },
    flushed: async () => {
      await lines.flushed();
      gone.signal.throwIfAborted();
    },
    gone: gone.signal,
    close: () => lines.close(),
  };
}

/**
 * A johnny-five IO plugin over libgpiod's tools, for digital lines.
 *
 * An output is held by a tool that lives as long as this process does: a line changes its level by a tool that ends and
 * another that begins, and is let go, to its pull-down, in between. Killing this process lets go of all of them.
 *
 * @see https://github.com/rwaldron/io-plugins
 */
class GpioLines extends EventEmitter {
  readonly MODES = { INPUT, OUTPUT } as const;
  readonly HIGH = 1;
  readonly LOW = 0;
  readonly name = 'GpioLines';
  readonly defaultLed = -1;
  readonly analogPins: readonly number[] = [];
  readonly pins: Pin[] = Array.from({ length: MOST_LINES }, () => ({
    ...{ supportedModes: [INPUT, OUTPUT], mode: INPUT, value: 0, report: 0, analogChannel: NO_CHANNEL },
  }));
  isReady = false;
  readonly #tools: GpioTools;
  readonly #relay: BoardWiring['relay'];
  readonly #onDoubt: (reason: string) => void;
  readonly #held = new Map<number, HeldTool>();
  readonly #changes = new Map<number, Promise<void>>();
  readonly #listened: number[] = [];
  #monitor: HeldTool | undefined;
  #closed = false;

  constructor(tools: GpioTools, relay: BoardWiring['relay'], onDoubt: (reason: string) => void) {
    super();
    this.#tools = tools;
    this.#relay = relay;
    this.#onDoubt = onDoubt;
  }

  begin(): void {
    this.emit('connect');
    this.isReady = true;
    this.emit('ready');
  }

  normalize(pin: number): number {
    return pin;
  }

  pinMode(line: number, mode: number): void {
    this.pins[line].mode = mode;
  }

  /** Written to an input it means its pull-up, which every input here has anyway. */
  digitalWrite(line: number, level: 0 | 1): void {
    const pin = this.pins[line];
    if (line !== this.#relay.line && pin.mode === INPUT) return;
    pin.mode = OUTPUT;
    if (pin.value === level && this.#changes.has(line)) return;
    pin.value = level;
    // One change after the other; of those that wait only the last counts.
    const before = this.#changes.get(line) ?? Promise.resolve();
    this.#changes.set(
      line,
      before.then(() => (pin.value === level ? this.#set(line, level) : undefined)),
    );
  }

  digitalRead(line: number, listener: (level: 0 | 1) => void): void {
    this.on(`digital-read-${line}`, listener);
    this.#listened.push(line);
    // All that are asked for together are read by one tool.
    if (this.#listened.length === 1) setImmediate(() => void this.#listen());
  }

  analogRead(): never {
    throw new DoorError('door.bad-wiring', 'a GPIO line reads no voltages');
  }

  pwmWrite(): never {
    throw new DoorError('door.bad-wiring', 'a GPIO line knows on and off only');
  }

  servoWrite(): never {
    return this.pwmWrite();
  }

  async flushed(): Promise<void> {
    await Promise.all(this.#changes.values());
  }

  async close(): Promise<void> {
    await this.flushed();
    this.#closed = true;
    const held = [...this.#held.values(), ...(this.#monitor ? [this.#monitor] : [])];
    await Promise.all(held.map((tool) => tool.release()));
  }

  async #set(line: number, level: 0 | 1): Promise<void> {
    const before = this.#held.get(line);
    this.#held.delete(line);
    await before?.release();
    if (this.#closed) return;
    const held = this.#tools.hold(line, level);
    this.#held.set(line, held);
    void held.ended.then((reason) => {
      if (this.#held.get(line) === held && !this.#closed) this.#onDoubt(reason);
    });
    await Promise.race([held.ended, new Promise((resolve) => setTimeout(resolve, PROOF_MS))]);
  }

  async #listen(): Promise<void> {
    try {
      const levels = await this.#tools.read(this.#listened);
      for (const [index, level] of levels.entries()) this.#tell(this.#listened[index], level);
      this.#monitor = this.#tools.monitor(this.#listened, (line, level) => {
        this.#tell(line, level);
      });
      const reason = await this.#monitor.ended;
      if (!this.#closed) this.#onDoubt(reason);
    } catch (cause) {
      this.#onDoubt(cause instanceof Error ? cause.message : String(cause));
    }
  }

  #tell(line: number, level: 0 | 1): void {
    this.pins[line].value = level;
    this.emit(`digital-read-${line}`, level);
    this.emit('digital-read', { pin: line, value: level });
  }
}
