import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { CLOCK_DOUBT_WORDS, RELEASED, type ClockDoubt } from '../../device/access/clock-doubt.ts';
import type { Clock } from '../../device/clock.ts';
import { ClockTrust } from '../../device/clock-trust.ts';
import { scratch } from '../support/scratch.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const BEGIN = RELEASED + 100 * DAY;

/** A board's clock that can be set; only what passes moves the monotonic one. */
class SettableClock implements Clock {
  wall = BEGIN;
  uptime = 0;
  #wake: (() => void) | undefined;

  now(): number {
    return this.wall;
  }

  monotonic(): number {
    return this.uptime;
  }

  sleep(_milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#wake = resolve;
      signal.addEventListener('abort', () => {
        reject(new Error('aborted'));
      });
    });
  }

  pass(milliseconds: number): void {
    this.wall += milliseconds;
    this.uptime += milliseconds;
  }

  /** The minute's round of whoever watches. */
  async round(): Promise<void> {
    this.#wake?.();
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

class Board {
  readonly clock = new SettableClock();
  readonly told: (ClockDoubt | undefined)[] = [];
  /** The network's word; undefined where nothing here knows. */
  network: boolean | undefined = true;
  boot = 'first';
  readonly path: string;
  readonly #context: TestContext;

  constructor(context: TestContext) {
    this.#context = context;
    this.path = join(scratch(context), 'clock.json');
  }

  async start(battery = false): Promise<ClockTrust> {
    const trust = await ClockTrust.open({
      ...{ clock: this.clock, path: this.path, battery, boot: this.boot, uptime: () => this.clock.uptime },
      synchronised: () => Promise.resolve(this.network),
      onChange: (doubt) => this.told.push(doubt),
    });
    this.#context.after(() => {
      trust.close();
    });
    return trust;
  }
}

describe('the board’s clock', () => {
  test('is trusted while the network vouches for it, and thirty days longer', async (context) => {
    const board = new Board(context);
    const trust = await board.start();
    assert.equal(trust.doubt, undefined);
    board.network = false;
    board.clock.pass(30 * DAY);
    assert.equal(trust.doubt, undefined);
    board.clock.pass(1);
    assert.equal(trust.doubt, 'not-synchronised');
    await board.clock.round();
    board.network = true;
    await board.clock.round();
    assert.equal(trust.doubt, undefined);
    assert.deepEqual(board.told, ['not-synchronised', undefined], 'each change is told once');
  });

  test('that jumps back is doubted at once, until it passes the time that it showed, or the network speaks', async (context) => {
    const board = new Board(context);
    const trust = await board.start();
    board.network = false;
    board.clock.wall -= MINUTE;
    assert.equal(trust.doubt, undefined, 'a small correction is none');
    board.clock.wall -= HOUR;
    assert.equal(trust.doubt, 'set-back');
    board.clock.pass(HOUR + MINUTE);
    assert.equal(trust.doubt, undefined);
    board.clock.wall -= HOUR;
    assert.equal(trust.doubt, 'set-back');
    board.network = true;
    await board.clock.round();
    assert.equal(trust.doubt, undefined, 'what the network says now outweighs what the clock said before');
  });

  test('that jumps ahead loses the network’s word', async (context) => {
    const board = new Board(context);
    const trust = await board.start();
    board.network = false;
    board.clock.pass(DAY);
    assert.equal(trust.doubt, undefined, 'time that passes is no jump');
    board.clock.wall += 2 * MINUTE;
    assert.equal(trust.doubt, 'not-synchronised');
  });

  test('set back while the terminal was off is noticed by the next one', async (context) => {
    const board = new Board(context);
    (await board.start()).close();
    board.network = undefined;
    board.clock.wall -= DAY;
    assert.equal((await board.start(true)).doubt, 'set-back');
  });

  test('set ahead while the terminal was off loses the network’s word, time that passed meanwhile does not', async (context) => {
    const board = new Board(context);
    (await board.start()).close();
    board.network = false;
    board.clock.pass(DAY);
    const again = await board.start();
    assert.equal(again.doubt, undefined);
    again.close();
    board.clock.wall += DAY;
    const ahead = await board.start();
    assert.equal(ahead.doubt, 'not-synchronised');
    ahead.close();
    board.clock.wall -= DAY;
    assert.equal((await board.start()).doubt, 'set-back');
  });

  test('a start of the board takes the network’s word of the last one with it, unless a battery keeps the clock', async (context) => {
    const board = new Board(context);
    (await board.start()).close();
    board.network = false;
    const again = await board.start();
    assert.equal(again.doubt, undefined, 'the terminal started again, the board did not');
    again.close();
    board.boot = 'second';
    assert.equal((await board.start()).doubt, 'not-synchronised');
    assert.equal((await board.start(true)).doubt, undefined);
  });

  test('before this release is no time at all, whatever says so', async (context) => {
    const board = new Board(context);
    board.clock.wall = RELEASED - 1;
    assert.equal((await board.start(true)).doubt, 'before-release');
  });

  test('a memory that cannot be read is made anew', async (context) => {
    const board = new Board(context);
    writeFileSync(board.path, '{"latest": "tomorrow"');
    assert.equal((await board.start()).doubt, undefined);
    assert.equal((JSON.parse(readFileSync(board.path, 'utf8')) as { latest: number }).latest, BEGIN);
  });

  test('every doubt says what to do', () => {
    for (const words of Object.values(CLOCK_DOUBT_WORDS)) assert.match(words, /set it|let the network|connect one/);
  });
});
