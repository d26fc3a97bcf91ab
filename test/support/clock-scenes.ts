import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { TerminalEvent } from '../../device/events/event.ts';
import { Outbox, OUTBOX_FILE } from '../../device/events/outbox.ts';
import { drawFolder } from './artificial-folder.ts';
import type { Cleanup } from './cleanup.ts';
import { FakedClock } from './faked-clock.ts';
import { ManualClock } from './manual-clock.ts';
import { Program } from './program.ts';
import { scratch } from './scratch.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A Wednesday, ten o'clock at a door in Berlin. */
const WEDNESDAY = Date.UTC(2026, 11, 2, 9);
/** An hour before summer time begins and ends there: two o'clock, which is skipped, and which comes twice. */
const SPRING = Date.UTC(2027, 2, 28, 0);
const AUTUMN = Date.UTC(2027, 9, 31, 0);

const TOUCH_LINE = /^\d\d:\d\d:\d\d {2}(granted|denied)/;
/** Nobody listens: what the terminal reports stays on its disk, where it is looked at. */
const NO_BROKER = 'mqtt://127.0.0.1:1';
/** Longer than a program takes to see a time that was set. */
const SEEN_MS = 1_500;
/** A busy machine takes its time to start a terminal. */
const STARTED_MS = 300_000;
/** So many touches tell how it stands. */
const TOUCHES = 2;
/** More than anybody waits for. */
const MANY = 100;

/** Guard 1 may pass at any time, the others in office hours, or in the hour that spring skips and autumn has twice. */
const RULES = `version: 1
zone: Europe/Berlin
ungrouped: staff
schedules:
  office: { periods: [mon-fri 08:00-18:00, sun 02:00-03:00] }
groups:
  staff: { when: [office] }
  guards: { when: always }
people:
  '1': { groups: [guards] }
`;

/** What became of touches: of those who may always pass, and of those who may in office hours. */
export interface Outcomes {
  readonly guards: readonly string[];
  readonly staff: readonly string[];
}

/** A terminal whose three people touch on and on while its clock is set. */
export class ClockedTerminal {
  readonly clock: FakedClock;
  readonly #context: Cleanup;
  readonly #folder: string;
  readonly #state: string;
  #guard = '';
  #seen = 0;
  #running: Program | undefined;

  private constructor(context: Cleanup) {
    this.#context = context;
    this.clock = new FakedClock(context);
    this.#folder = join(scratch(context), 'prints');
    this.#state = join(scratch(context), 'state');
  }

  static async open(context: Cleanup): Promise<ClockedTerminal> {
    const terminal = new ClockedTerminal(context);
    mkdirSync(terminal.#folder);
    await drawFolder(terminal.#folder, 3, 6, MANY);
    terminal.clock.set(WEDNESDAY);
    await terminal.start();
    await terminal.stop();
    const rules = join(scratch(context), 'rules.yaml');
    writeFileSync(rules, RULES);
    await terminal.#whorl('rules', 'import', rules, '--state', terminal.#state);
    const listed = await terminal.#whorl('people', 'list', '--json', '--state', terminal.#state);
    const { people } = JSON.parse(listed.join('\n')) as { people: { id: string; name: string }[] };
    terminal.#guard = people.find(({ name }) => name === '1')?.id ?? '';
    assert.notEqual(terminal.#guard, '');
    return terminal;
  }

  async start(): Promise<void> {
    this.#running = Program.whorlBehind(
      this.#context,
      this.#command,
      ...['start', '--sensor', `folder:${this.#folder}`, '--state', this.#state, '--broker', NO_BROKER],
    );
    await this.#running.until(TOUCH_LINE, STARTED_MS);
  }

  async stop(): Promise<void> {
    await this.#running?.kill('SIGTERM');
    this.#running = undefined;
  }

  /** What becomes of the next touches. */
  async outcomes(): Promise<Outcomes> {
    await pause(SEEN_MS);
    this.#seen = this.events().length;
    for (;;) {
      const touches = this.events()
        .slice(this.#seen)
        .filter((event) => event.type === 'whorl.touch.granted' || event.type === 'whorl.touch.denied')
        .filter(({ subject, time }) => subject !== undefined && this.#isNow(time))
        // Was perhaps judged while the clock was set, and reported after it.
        .slice(1);
      const of = (guard: boolean): string[] =>
        touches
          .filter(({ subject }) => (subject === this.#guard) === guard)
          .map((event) => (event.type === 'whorl.touch.denied' ? event.data.reason : 'granted'));
      const found = { guards: of(true), staff: of(false) };
      if (found.guards.length >= TOUCHES && found.staff.length >= TOUCHES) return found;
      assert.ok(this.#running?.isRunning, 'the terminal has ended');
      await pause(100);
    }
  }

  #isNow(time: string): boolean {
    return Math.abs(Date.parse(time) - this.clock.now) < HOUR / 2;
  }

  /** Everything reported so far, in order. */
  events(): TerminalEvent[] {
    const path = join(this.#state, OUTBOX_FILE);
    const outbox = new Outbox({ path, device: 'door-1', capacity: 1_000_000, clock: new ManualClock() });
    try {
      return outbox.read(0, 1_000_000).map(({ body }) => JSON.parse(body) as TerminalEvent);
    } finally {
      outbox.close();
    }
  }

  /** Without models: how well people are recognised is not the question here. */
  get #command(): [string, ...string[]] {
    return [...this.clock.command, `WHORL_MODELS=${this.#folder}`];
  }

  async #whorl(...args: string[]): Promise<string[]> {
    const program = Program.whorlBehind(this.#context, this.#command, ...args);
    assert.equal(await program.exit(), 0, program.errors.join('\n'));
    return program.lines;
  }
}

const all = (outcomes: readonly string[], expected: string): void => {
  assert.deepEqual([...new Set(outcomes)], [expected]);
};

function expect(outcomes: Outcomes, staff: string): void {
  all(outcomes.guards, 'granted');
  all(outcomes.staff, staff);
}

/** Sequence numbers without a hole in one journal, whatever the clock did. @returns how many events */
function checkSequence(terminal: ClockedTerminal): number {
  const events = terminal.events();
  assert.deepEqual(
    events.map(({ sequence }) => Number(sequence)),
    events.map((_, index) => index + 1),
  );
  assert.equal(new Set(events.map(({ journal }) => journal)).size, 1);
  return events.length;
}

/** A clock that somebody sets by a day, ahead and back, with the network's time lost and found again. */
export async function clockSteppedByDays(context: Cleanup): Promise<number> {
  const terminal = await ClockedTerminal.open(context);
  const { clock } = terminal;
  await terminal.start();
  expect(await terminal.outcomes(), 'granted');

  clock.network(false);
  clock.step(DAY);
  expect(await terminal.outcomes(), 'clock-untrusted');
  await terminal.stop();
  // The next terminal has not seen the clock being set, and knows all the same.
  await terminal.start();
  expect(await terminal.outcomes(), 'clock-untrusted');
  clock.step(-DAY);
  // Now it is right again, but nobody knows.
  expect(await terminal.outcomes(), 'clock-untrusted');
  await terminal.stop();
  await terminal.start();
  expect(await terminal.outcomes(), 'clock-untrusted');
  await terminal.stop();
  const doubts = terminal.events().flatMap((event) => (event.type === 'whorl.clock.doubted' ? [event.data.doubt] : []));
  assert.deepEqual(doubts, ['not-synchronised', 'set-back']);

  clock.network(true);
  await terminal.start();
  expect(await terminal.outcomes(), 'granted');
  clock.network(false);
  clock.step(-DAY);
  expect(await terminal.outcomes(), 'clock-untrusted');
  await terminal.stop();

  // Each event has the time that the clock showed.
  const times = terminal.events().map(({ time }) => Date.parse(time));
  assert.ok(times.some((time) => time >= WEDNESDAY + DAY) && (times.at(-1) ?? 0) < WEDNESDAY);
  return checkSequence(terminal);
}

/** A clock that is set by an hour, as by who forgets summer time, and summer time itself, which sets nothing. */
export async function clockSteppedByAnHour(context: Cleanup): Promise<number> {
  const terminal = await ClockedTerminal.open(context);
  const { clock } = terminal;
  await terminal.start();
  clock.network(false);
  clock.step(-HOUR);
  expect(await terminal.outcomes(), 'clock-untrusted');
  clock.step(2 * HOUR);
  expect(await terminal.outcomes(), 'clock-untrusted');
  clock.network(true);
  await terminal.stop();

  for (const [time, staff] of [
    // One o'clock in the night to Sunday, and the hour after it, which is three o'clock.
    [SPRING, 'outside-schedule'],
    [SPRING + HOUR, 'outside-schedule'],
    // Two o'clock, and two o'clock again, and three.
    [AUTUMN, 'granted'],
    [AUTUMN + HOUR, 'granted'],
    [AUTUMN + 2 * HOUR, 'outside-schedule'],
  ] as const) {
    clock.set(time);
    await terminal.start();
    expect(await terminal.outcomes(), staff);
    await terminal.stop();
  }
  return checkSequence(terminal);
}
