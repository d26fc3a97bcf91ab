import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { BoardNews } from '../../device/door/board.ts';
import { LONGEST_PULSE_MS } from '../../device/door/door.ts';
import { connectFirmata } from '../../device/door/firmata-connection.ts';
import { TERMINAL_SILENT_MS, uptimeMs, type FromIo } from '../../device/door/io-messages.ts';
import { IoProcess, type Abandonment } from '../../device/door/io-process.ts';
import type { BoardWiring } from '../../device/door/wiring.ts';
import { Random } from '../../models/synthesis/random.ts';
import { BoardWire } from '../support/board-wire.ts';
import type { Cleanup } from '../support/cleanup.ts';
import { PINS } from '../support/door-rig.ts';
import { EmulatedBoard } from '../support/emulated-board.ts';
import { skipWithoutFirmware, standardFirmata } from '../support/standard-firmata.ts';

const WIRING: BoardWiring = {
  board: { kind: 'firmata', port: 'wire' },
  relay: { line: PINS.relay, active: 'high' },
  inputs: { contact: { line: PINS.contact, wired: 'NC' } },
};
/** Ports of AVRs answer to `DIGITAL_MESSAGE | port`; the relay's is the second. */
const RELAY_MESSAGE = 0x91;

/** Real firmware, the cable to it, and one process after the other that drives it; all in this one. */
class Workbench {
  readonly board: EmulatedBoard;
  readonly wire: BoardWire;
  readonly said: FromIo[] = [];
  readonly exits: number[] = [];
  readonly abandoned: Abandonment[] = [];
  rises = 0;
  #io: IoProcess | undefined;
  #terminal: NodeJS.Timeout | undefined;

  constructor(cleanup: Cleanup) {
    this.board = new EmulatedBoard(standardFirmata() ?? '');
    this.wire = new BoardWire(this.board);
    this.board.press(PINS.contact, false);
    this.board.onPin = (pin, high) => {
      if (pin === PINS.relay && high) this.rises++;
    };
    void this.board.run();
    cleanup.after(() => {
      this.#io?.hear({ kind: 'leave' });
      this.silence();
      this.board.stop();
    });
  }

  get released(): boolean {
    return this.board.isHigh(PINS.relay);
  }

  get news(): BoardNews[] {
    return this.said.flatMap((message) => (message.kind === 'news' ? [message.news] : []));
  }

  get lost(): string | undefined {
    return this.news.map((news) => (news.kind === 'lost' ? news.message : undefined)).find((it) => it !== undefined);
  }

  /** A new process takes the board; the terminal speaks to it as often as it must. */
  async drive(): Promise<void> {
    this.said.length = 0;
    this.silence();
    const io = new IoProcess({
      connect: (wiring) => connectFirmata('wire', wiring.relay.line, this.wire.open),
      send: (message) => this.said.push(message),
      kill: () => undefined,
      onAbandoned: (abandonment) => this.abandoned.push(abandonment),
      exit: (status) => this.exits.push(status),
    });
    this.#io = io;
    this.#terminal = setInterval(() => {
      io.hear({ kind: 'alive' });
    }, 250);
    io.hear({ kind: 'prepare', wiring: WIRING });
    io.hear({ kind: 'take' });
    await this.until(() => this.news.some(({ kind }) => kind === 'ready'), 'the board is ready');
  }

  /** The terminal says nothing any more. */
  silence(): void {
    clearInterval(this.#terminal);
  }

  release(ms: number, sent = uptimeMs()): void {
    this.#io?.hear({ kind: 'release', id: 1, ms, sent });
  }

  secure(): void {
    this.#io?.hear({ kind: 'secure' });
  }

  async until(condition: () => boolean, what: string): Promise<void> {
    const deadline = performance.now() + 30_000;
    while (!condition()) {
      if (performance.now() > deadline) throw new Error(`never: ${what}; lost: ${this.lost ?? 'no'}`);
      await pause(2);
    }
  }
}

describe('whoever owns the board', { skip: skipWithoutFirmware() }, () => {
  test('ends a pulse by itself, prolongs none beyond the longest, and obeys no order that is late', async (context) => {
    const bench = new Workbench(context);
    await bench.drive();
    bench.release(300);
    await bench.until(() => bench.released, 'released');
    await bench.until(() => !bench.released, 'locked, although nobody asked');
    const refused = (): string[] => bench.said.flatMap((it) => (it.kind === 'refused' ? [it.code] : []));
    bench.release(300, uptimeMs() - 1_001);
    for (const ms of [0, -1, NaN, Infinity, LONGEST_PULSE_MS + 1]) bench.release(ms);
    await bench.until(() => refused().length === 6, 'all are refused');
    await pause(300);
    assert.deepEqual(refused(), ['door.stale-command', ...Array.from({ length: 5 }, () => 'door.bad-pulse')]);
    assert.equal(bench.rises, 1);
  });

  test('switches off when the terminal says nothing any more', async (context) => {
    const bench = new Workbench(context);
    await bench.drive();
    bench.release(LONGEST_PULSE_MS);
    await bench.until(() => bench.released, 'released');
    bench.silence();
    const begin = performance.now();
    await bench.until(() => !bench.released, 'locked');
    assert.ok(performance.now() - begin >= TERMINAL_SILENT_MS - 500);
    await bench.until(() => bench.exits.length === 1, 'ended');
    assert.deepEqual(
      bench.abandoned.map(({ by, code }) => [by, code]),
      [['driver', 'door.terminal-silent']],
    );
  });

  test('gives up a board that is silent, and one that restarts', async (context) => {
    const bench = new Workbench(context);
    await bench.drive();
    bench.wire.carriesUp = false;
    await bench.until(() => bench.exits.length === 1, 'ended');
    assert.match(bench.lost ?? '', /silent/);
    bench.wire.carriesUp = true;
    await bench.drive();
    bench.board.reset();
    await bench.until(() => bench.exits.length === 2, 'ended again');
    assert.match(bench.lost ?? '', /restarted/);
  });

  test('finds out when an order to lock was lost on the line, and locks', async (context) => {
    const bench = new Workbench(context);
    await bench.drive();
    bench.release(LONGEST_PULSE_MS);
    await bench.until(() => bench.released, 'released');
    let lost = 0;
    bench.wire.carriesDown = (bytes) => bytes[0] !== RELAY_MESSAGE || ++lost > 1;
    bench.secure();
    await bench.until(() => !bench.released, 'locked');
    assert.ok(lost >= 2);
    assert.match(bench.lost ?? '', /as it was told/);
  });

  test('writes nothing to a port that is closed: the cable pulled during orders, 10 times', async (context) => {
    const bench = new Workbench(context);
    const random = new Random(7);
    for (let round = 0; round < 10; round++) {
      await bench.drive();
      await bench.until(() => !bench.released, 'a new process locks first');
      const { rises } = bench;
      const instant = random.between(-3, 3);
      if (instant > 0) bench.release(30_000);
      await pause(Math.abs(instant));
      bench.wire.unplug();
      if (instant <= 0) bench.release(30_000);
      bench.secure();
      await bench.until(() => bench.exits.length === round + 1, 'ended');
      // What the board had received before, it still does.
      await pause(20);
      assert.ok(bench.rises - rises <= (instant > 0 ? 1 : 0));
      const before = bench.rises;
      bench.wire.plug();
      await pause(50);
      assert.equal(bench.rises, before);
    }
    assert.deepEqual(bench.wire.refused, []);
  });
});
