import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { askTerminal } from '../../device/control-socket.ts';
import type { DoorStatus } from '../../device/door/door.ts';
import { GpioTools } from '../../device/door/gpio-tools.ts';
import { Collector } from '../support/collector.ts';
import { FakeGpio, type GpiodMajor } from '../support/fake-gpio.ts';
import { Program } from '../support/program.ts';
import { scratch } from '../support/scratch.ts';
import { ShakyBroker } from '../support/shaky-broker.ts';
import { RELAY_OFF_MS } from '../support/door-scenes.ts';

const LINES = { relay: 17, contact: 22, exit: 23 } as const;

/** A terminal whose door hangs on lines of a chip. */
class GpioScene {
  readonly gpio: FakeGpio;
  readonly state: string;
  readonly collector: Collector;
  readonly terminal: Program;
  readonly active: 'high' | 'low';

  private constructor(gpio: FakeGpio, state: string, collector: Collector, terminal: Program, active: 'high' | 'low') {
    this.gpio = gpio;
    this.state = state;
    this.collector = collector;
    this.terminal = terminal;
    this.active = active;
  }

  static async open(context: TestContext, major: GpiodMajor, active: 'high' | 'low'): Promise<GpioScene> {
    const broker = await ShakyBroker.open(context);
    const collector = await Collector.open(broker.url);
    context.after(() => collector.close());
    const gpio = new FakeGpio(context, major);
    gpio.press(LINES.contact, false);
    const directory = scratch(context);
    const config = join(directory, 'config.json');
    const door = {
      board: 'gpio:chip',
      relay: { line: LINES.relay, active },
      contact: { line: LINES.contact, wired: 'NC' },
      exit: { line: LINES.exit, wired: 'NO' },
    };
    writeFileSync(config, JSON.stringify({ door }));
    const state = join(directory, 'state');
    const path = process.env.PATH ?? '';
    process.env.PATH = `${gpio.path}:${path}`;
    const terminal = Program.whorl(
      context,
      ...['start', '--config', config, '--state', state, '--broker', broker.url, '--sensor', 'nb1010:nobody'],
    );
    process.env.PATH = path;
    const scene = new GpioScene(gpio, state, collector, terminal, active);
    await scene.until(async () => (await scene.ask('door.status'))?.board === 'ready', 'the door is ready');
    return scene;
  }

  get released(): boolean {
    return this.gpio.level(LINES.relay) === (this.active === 'high' ? 1 : 0);
  }

  async ask(command: string, more: object = {}): Promise<DoorStatus | undefined> {
    const operator = command === 'door.status' ? {} : { operator: 'test' };
    try {
      return (await askTerminal(this.state, { command, ...operator, ...more })) as DoorStatus;
    } catch {
      return undefined;
    }
  }

  async until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
    const deadline = performance.now() + 60_000;
    while (!(await condition())) {
      if (performance.now() > deadline) throw new Error(`never: ${what}\n${this.terminal.errors.join('\n')}`);
      await pause(10);
    }
  }

  async untilSeen(type: string, count = 1): Promise<void> {
    const seen = (): number => this.collector.events.filter((event) => event.type === type).length;
    await this.until(() => seen() >= count, `${type} × ${count}`);
  }

  /** The terminal's two I/O processes. */
  get ioProcesses(): number[] {
    const { pid } = this.terminal;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
    return children.filter((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('door-io'));
  }
}

for (const [major, active] of [
  [1, 'high'],
  [2, 'low'],
] as const)
  describe(`a door on GPIO lines, libgpiod ${major}, active ${active}`, () => {
    test('pulse, exit button and contact; locked whoever is killed', async (context) => {
      const scene = await GpioScene.open(context, major, active);
      const { gpio, terminal } = scene;
      assert.equal(scene.released, false);
      await scene.untilSeen('whorl.door.closed');
      await scene.ask('door.open', { ms: 500 });
      await scene.until(() => scene.released, 'released');
      await scene.until(() => gpio.level(LINES.relay) !== undefined && !scene.released, 'held at locked again');

      gpio.press(LINES.exit, false);
      await scene.untilSeen('whorl.door.exit-requested');
      await scene.until(() => scene.released, 'the exit button releases');
      gpio.press(LINES.exit, true);
      gpio.press(LINES.contact, true);
      await scene.untilSeen('whorl.door.opened');
      await scene.until(() => !scene.released, 'opening ends the pulse');
      gpio.press(LINES.contact, false);
      // It was told once already, at the start.
      await scene.untilSeen('whorl.door.closed', 2);
      gpio.press(LINES.contact, true);
      await scene.untilSeen('whorl.door.forced');
      gpio.press(LINES.contact, false);

      await scene.ask('door.open', { hold: true });
      await scene.until(() => scene.released, 'unlocked');
      let begin = performance.now();
      for (const pid of scene.ioProcesses) process.kill(pid, 'SIGKILL');
      await scene.until(() => !scene.released, 'locked');
      assert.ok(performance.now() - begin <= RELAY_OFF_MS);
      await scene.untilSeen('whorl.door.board-lost');
      await scene.until(() => scene.released, 'ready again');
      begin = performance.now();
      await terminal.kill('SIGKILL');
      await scene.until(() => !scene.released, 'locked');
      assert.ok(performance.now() - begin <= RELAY_OFF_MS);
    });
  });

describe('real libgpiod tools', { skip: installed() ? false : 'gpioset is not installed' }, () => {
  test('take our words: what they complain of is the chip alone', async () => {
    const tools = await GpioTools.find('no-such-chip');
    const isChip = /no-such-chip|No such file|cannot find/i;
    await assert.rejects(tools.read([1, 2]), (error) => error instanceof Error && isChip.test(error.message));
    assert.match(await tools.hold(1, 0).ended, isChip);
    assert.match(await tools.monitor([1], () => undefined).ended, isChip);
  });
});

function installed(): boolean {
  try {
    execFileSync('gpioset', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
