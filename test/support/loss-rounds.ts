import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { TerminalEvent } from '../../device/events/event.ts';
import { Outbox, OUTBOX_FILE } from '../../device/events/outbox.ts';
import { Random } from '../../models/synthesis/random.ts';
import { drawFolder } from './artificial-folder.ts';
import type { Cleanup } from './cleanup.ts';
import { FakeGpio } from './fake-gpio.ts';
import { ManualClock } from './manual-clock.ts';
import { Mosquitto } from './mosquitto.ts';
import { Program } from './program.ts';
import { scratch } from './scratch.ts';
import { ShakyWire } from './shaky-wire.ts';
import { skipWithoutMount, SmallDisk } from './small-disk.ts';

const COLLECTOR = resolve(import.meta.dirname, '../../fleet/collector/collector.mjs');
const WHORL = resolve(import.meta.dirname, '../../device/cli/whorl.mjs');

/** What fails in a round; sometimes two of it at once. */
export const FAULTS = ['terminal', 'broker', 'network', 'frozen network', 'collector', 'disk'] as const;
export type Fault = (typeof FAULTS)[number];

const DEVICE = 'door-1';
const RELAY = 8;
const UNLOCK_MS = 500;
/** Shorter than the shortest pulse by far. */
const WATCH_MS = 20;
/** A state directory with its logs fits into a quarter of it. */
const DISK_MB = 24;

/** How often each print is there: more than anybody waits for. */
const MANY = 100;

const TOUCH_LINE = /^\d\d:\d\d:\d\d {2}(granted|denied|retry|failed)/;
/** Touches follow each other faster than this, where anything works at all. */
const TOUCH_MS = 5_000;
const STARTED_MS = 300_000;
/** A board answers sooner, and every second touch is of somebody who may pass. */
const DOOR_MS = 60_000;
/** Each waits 15 s for the last events, and the slowest way back takes half a minute. */
const MOST_LAST_RUNS = 5;
/** The event of a touch is committed right before the relay is driven; a busy machine sees it later. */
const COMMITTED_MS = 10_000;

export interface LossTally {
  readonly rounds: number;
  readonly events: number;
  /** How often the relay rose. */
  readonly unlocked: number;
  readonly granted: number;
  /** Rounds in which touches went on while something failed. */
  readonly touched: number;
  readonly faults: Readonly<Record<Fault, number>>;
}

/** A terminal whose people touch without pause, a broker, a collector, and everything between them failing in turn. */
class LossRig {
  readonly random: Random;
  readonly #context: Cleanup;
  readonly #gpio: FakeGpio;
  readonly #disk: SmallDisk | undefined;
  readonly #state: string;
  readonly #store: string;
  readonly #broker: Mosquitto;
  readonly #wire: ShakyWire;
  /** When the relay rose, milliseconds since 1970. */
  readonly #raised: number[] = [];
  /** Touches that were on a screen. */
  #told = 0;
  #watch: NodeJS.Timeout | undefined;
  #terminal: Program | undefined;
  #collector: Program | undefined;

  private constructor(
    context: Cleanup,
    random: Random,
    disk: SmallDisk | undefined,
    broker: Mosquitto,
    wire: ShakyWire,
  ) {
    this.#context = context;
    this.random = random;
    this.#gpio = new FakeGpio(context, 2);
    this.#disk = disk;
    this.#broker = broker;
    this.#wire = wire;
    this.#state = join(disk?.path ?? scratch(context), 'state');
    this.#store = join(scratch(context), 'events.sqlite');
  }

  static async open(context: Cleanup, random: Random, withDisk: boolean): Promise<LossRig> {
    const broker = await Mosquitto.open(context, scratch(context));
    const wire = await ShakyWire.open(context, broker.port);
    const disk = withDisk ? SmallDisk.mount(context, DISK_MB) : undefined;
    const rig = new LossRig(context, random, disk, broker, wire);
    const prints = join(scratch(context), 'prints');
    mkdirSync(prints);
    await drawFolder(prints, 4, 8, MANY);
    writeFileSync(
      rig.#config,
      JSON.stringify({
        device: DEVICE,
        state: rig.#state,
        sensor: `folder:${prints}`,
        broker: { url: wire.url },
        // Who is recognised, and how well, is not the question here.
        models: scratch(context),
        door: { board: 'gpio:chip', unlockMs: UNLOCK_MS, relay: { line: RELAY } },
      }),
    );
    rig.#startCollector();
    rig.#watchRelay();
    await rig.#startTerminal();
    return rig;
  }

  get #config(): string {
    return `${this.#store}.config.json`;
  }

  get faults(): readonly Fault[] {
    return this.#disk === undefined ? FAULTS.filter((fault) => fault !== 'disk') : FAULTS;
  }

  /** Fails what is to fail, lets it go on for a moment, and mends it. @returns whether touches were going on meanwhile */
  async round(faults: readonly Fault[]): Promise<boolean> {
    await this.#nextTouch();
    await pause(this.random.between(0, 400));
    const mends: (() => void | Promise<void>)[] = [];
    for (const fault of faults) mends.push(await this.#fail(fault));
    // A terminal that was killed at its touches was killed among them.
    const touched = faults.includes('terminal') || (await this.#nextTouch());
    await pause(this.random.between(0, 400));
    for (const mend of mends) await mend();
    // Somebody who had died of it, as of a full disk, is started again, as its service would be.
    if (!this.#terminal?.isRunning) await this.#startTerminal();
    return touched;
  }

  /** Waits for a touch to be shown. @returns whether one was */
  async #nextTouch(): Promise<boolean> {
    const [before, deadline] = [this.#touches, performance.now() + TOUCH_MS];
    while (performance.now() < deadline) {
      if (this.#touches > before) return true;
      await pause(WATCH_MS);
    }
    return false;
  }

  async #fail(fault: Fault): Promise<() => void | Promise<void>> {
    switch (fault) {
      case 'terminal':
        await this.#end('SIGKILL');
        return () => undefined;
      case 'broker':
        await this.#broker.kill();
        return () => this.#broker.start();
      case 'collector':
        await this.#collector?.kill('SIGKILL');
        return () => {
          this.#startCollector();
        };
      case 'network':
        this.#wire.down();
        return () => {
          this.#wire.up();
        };
      case 'frozen network':
        this.#wire.freeze();
        return () => {
          this.#wire.down();
          this.#wire.up();
        };
      case 'disk':
        this.#disk?.fill();
        return () => {
          this.#disk?.clear();
        };
    }
  }

  /** Lets everything run until the collector says that it has all, and looks whether it does. */
  async settle(): Promise<Pick<LossTally, 'events' | 'unlocked' | 'granted'>> {
    await this.#terminal?.until(TOUCH_LINE, STARTED_MS);
    await this.#end('SIGTERM');
    for (let runs = 1; ; runs++) {
      this.#terminal = this.#run('--touches', '1');
      const status = await this.#terminal.exit();
      this.#told += this.#touches;
      if (status === 0) break;
      const { lines, errors } = this.#terminal;
      assert.ok(runs < MOST_LAST_RUNS, [...lines, ...errors].join('\n'));
    }
    await this.#collector?.kill('SIGTERM');
    clearInterval(this.#watch);

    const kept = this.#kept();
    const stored = this.#stored();
    assert.deepEqual(stored.deadLetters, [], 'the collector refused what the terminal sent');
    assert.deepEqual(
      stored.sequences,
      stored.sequences.map((_, index) => index + 1),
      'a hole, or an order that is none',
    );
    assert.equal(stored.sequences.length, kept.last, 'the newest events are missing');
    for (const [index, body] of kept.bodies.entries())
      assert.equal(stored.bodies[kept.first - 1 + index], body, 'the collector has another event of that number');

    const events = stored.bodies.map((body) => JSON.parse(body) as TerminalEvent);
    const touches = events.filter(({ type }) => type.startsWith('whorl.touch.'));
    assert.ok(touches.length >= this.#told, `${touches.length} touches arrived, ${this.#told} were shown`);
    const granted = events.filter(({ type }) => type === 'whorl.touch.granted').map(({ time }) => Date.parse(time));
    for (const raised of this.#raised)
      assert.ok(
        granted.some((time) => time <= raised && time > raised - COMMITTED_MS),
        `the door was unlocked at ${new Date(raised).toISOString()} without an event`,
      );
    assert.ok(this.#raised.length <= granted.length, 'the door was unlocked more often than anybody was let in');
    return { events: events.length, unlocked: this.#raised.length, granted: granted.length };
  }

  #startCollector(): void {
    this.#collector = Program.start(
      this.#context,
      ...[process.execPath, COLLECTOR, '--broker', this.#broker.url, '--store', `sqlite:${this.#store}`],
    );
  }

  async #startTerminal(): Promise<void> {
    this.#told += this.#touches;
    this.#terminal = this.#run();
    await this.#terminal.until(TOUCH_LINE, STARTED_MS);
    // The door's board takes a moment longer than the first touch: before it answers nobody is let in.
    const [before, deadline] = [this.#raised.length, performance.now() + DOOR_MS];
    while (this.#raised.length === before && performance.now() < deadline) await pause(WATCH_MS);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    await this.#terminal?.kill(signal);
  }

  #run(...args: string[]): Program {
    const path = `${this.#gpio.path}${delimiter}${process.env.PATH ?? ''}`;
    const seed = ['--seed', String(1 + this.random.below(1_000_000))];
    return Program.start(
      this.#context,
      ...['env', `PATH=${path}`, process.execPath, WHORL, 'start', '--config', this.#config, ...seed, ...args],
    );
  }

  /** Notes when the relay rises: what opened the door, whatever is said of it. */
  #watchRelay(): void {
    let high = false;
    this.#watch = setInterval(() => {
      const now = this.#gpio.level(RELAY) === 1;
      if (now && !high) this.#raised.push(Date.now());
      high = now;
    }, WATCH_MS);
    this.#context.after(() => {
      clearInterval(this.#watch);
    });
  }

  #kept(): { first: number; last: number; bodies: string[] } {
    const path = join(this.#state, OUTBOX_FILE);
    const outbox = new Outbox({ path, device: DEVICE, capacity: 1_000_000, clock: new ManualClock() });
    try {
      const kept = outbox.read(0, 1_000_000);
      return { first: kept.at(0)?.sequence ?? 1, last: outbox.last, bodies: kept.map(({ body }) => body) };
    } finally {
      outbox.close();
    }
  }

  #stored(): { sequences: number[]; bodies: string[]; deadLetters: string[] } {
    const database = new Database(this.#store, { readonly: true });
    try {
      const journals = database.prepare('SELECT DISTINCT journal FROM event').pluck().all();
      assert.equal(journals.length, 1, 'the outbox was made anew');
      const rows = database
        .prepare<[], { sequence: number; body: string }>('SELECT sequence, body FROM event ORDER BY sequence')
        .all();
      return {
        sequences: rows.map(({ sequence }) => sequence),
        bodies: rows.map(({ body }) => body),
        deadLetters: database.prepare<[], string>('SELECT reason FROM dead_letter').pluck().all(),
      };
    } finally {
      database.close();
    }
  }

  get #touches(): number {
    return this.#terminal?.lines.filter((line) => TOUCH_LINE.test(line)).length ?? 0;
  }
}

/**
 * Rounds of failures while touches go on, each mended again; then the collector must have every event once, in order.
 *
 * @param onRound told how many are done
 * @throws AssertionError where anything is lost, comes twice, or the door moved without its event
 */
export async function loseAndFind(
  context: Cleanup,
  rounds: number,
  seed: number,
  onRound: (round: number) => void = () => undefined,
): Promise<LossTally> {
  const random = new Random(seed);
  const rig = await LossRig.open(context, random, skipWithoutMount() === false);
  const faults: Record<Fault, number> = {
    ...{ terminal: 0, broker: 0, network: 0, 'frozen network': 0, collector: 0, disk: 0 },
  };
  let touched = 0;
  for (let round = 0; round < rounds; round++) {
    // Each in its turn, and in every third round another one with it.
    const failing = new Set([rig.faults[round % rig.faults.length]]);
    if (round % 3 === 0) failing.add(rig.faults[random.below(rig.faults.length)]);
    for (const fault of failing) faults[fault]++;
    if (await rig.round([...failing])) touched++;
    onRound(round + 1);
  }
  return { rounds, touched, faults, ...(await rig.settle()) };
}
