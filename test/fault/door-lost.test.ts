import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../../models/synthesis/random.ts';
import { Collector } from '../support/collector.ts';
import { DoorRig, PINS, skipWithoutRig } from '../support/door-rig.ts';
import type { Program } from '../support/program.ts';
import { ShakyBroker } from '../support/shaky-broker.ts';

/** README's bound on how long the relay stays on after its terminal, or a process of the door, was killed or frozen. */
const BOUND_MS = 5_000;
const UNPLUGGINGS = 20;
/** What a board had received whole before the cable was pulled, it still does. */
const RECEIVED_MS = 20;

interface Scene {
  readonly rig: DoorRig;
  readonly collector: Collector;
  readonly brokerUrl: string;
  readonly terminal: Program;
}

async function unlockedDoor(context: TestContext): Promise<Scene> {
  const broker = await ShakyBroker.open(context);
  const collector = await Collector.open(broker.url);
  context.after(() => collector.close());
  const rig = await DoorRig.open(context);
  const terminal = await rig.terminal(broker.url);
  await rig.until(() => rig.ioProcesses(terminal).driver !== undefined, 'a driver');
  await rig.ask('door.open', { hold: true });
  await rig.until(() => rig.released, 'unlocked');
  return { rig, collector, brokerUrl: broker.url, terminal };
}

/** Does it, and tells how long the relay stayed on. */
async function relayAfter(rig: DoorRig, fault: () => void): Promise<number> {
  const begin = performance.now();
  fault();
  await rig.until(() => !rig.released, 'relay off', BOUND_MS * 4);
  return performance.now() - begin;
}

async function untilEvent({ collector }: Scene, type: string, code: string): Promise<void> {
  const isIt = (event: { type: string; data: object }): boolean =>
    event.type === type && 'code' in event.data && event.data.code === code;
  await collector.until(({ events }) => events.some(isIt), 60_000);
}

describe('a door whose masters die', { skip: skipWithoutRig() }, () => {
  for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
    test(`${signal} of the driver: relay off within the bound, alarm sent, door ready again`, async (context) => {
      const scene = await unlockedDoor(context);
      const { rig, terminal } = scene;
      const { driver = 0 } = rig.ioProcesses(terminal);
      const ms = await relayAfter(rig, () => process.kill(driver, signal));
      context.diagnostic(`${ms.toFixed(0)} ms`);
      assert.ok(ms <= BOUND_MS, `${ms} ms`);
      await untilEvent(scene, 'whorl.door.board-lost', signal === 'SIGKILL' ? 'door.io-gone' : 'door.io-silent');
      // The operator's order still holds: the door is opened again when the board is back.
      await rig.until(() => rig.released, 'ready again', 60_000);
      await terminal.kill('SIGTERM');
      assert.equal(rig.released, false);
    });

    test(`${signal} of the terminal: relay off within the bound, alarm on disk and sent at the next start`, async (context) => {
      const scene = await unlockedDoor(context);
      const { rig, terminal, brokerUrl } = scene;
      const ms = await relayAfter(rig, () => process.kill(terminal.pid, signal));
      context.diagnostic(`${ms.toFixed(0)} ms`);
      assert.ok(ms <= BOUND_MS, `${ms} ms`);
      await pause(1_500);
      await terminal.kill('SIGKILL');
      const next = await rig.terminal(brokerUrl);
      await untilEvent(
        scene,
        'whorl.door.terminal-lost',
        signal === 'SIGKILL' ? 'door.terminal-gone' : 'door.terminal-silent',
      );
      assert.equal((await rig.ask('door.status'))?.mode, 'normal', 'an order to hold it open died with its terminal');
      await next.kill('SIGTERM');
    });

    test(`SIGKILL of the terminal with its driver ${signal === 'SIGKILL' ? 'killed' : 'frozen'}: the guard switches off`, async (context) => {
      const { rig, terminal } = await unlockedDoor(context);
      const { driver = 0 } = rig.ioProcesses(terminal);
      const ms = await relayAfter(rig, () => {
        process.kill(driver, signal);
        process.kill(terminal.pid, 'SIGKILL');
      });
      context.diagnostic(`${ms.toFixed(0)} ms`);
      assert.ok(ms <= BOUND_MS, `${ms} ms`);
    });
  }

  test(`the cable pulled ${UNPLUGGINGS} times at any instant of an unlocking: nothing unlocks when it is back`, async (context) => {
    const broker = await ShakyBroker.open(context);
    const rig = await DoorRig.open(context);
    const terminal = await rig.terminal(broker.url);
    const random = new Random(11);
    for (let round = 0; round < UNPLUGGINGS; round++) await unplugDuringUnlock(rig, random);
    await terminal.kill('SIGTERM');
  });
});

/** One pulled cable, in the middle of an order to unlock or just before it. */
async function unplugDuringUnlock(rig: DoorRig, random: Random): Promise<void> {
  await rig.until(() => !rig.released, 'locked', 10_000);
  const order = rig.ask('door.open', { ms: 500 });
  await pause(random.between(0, 30));
  await rig.wire.unplug();
  const pulled = performance.now();
  await order;
  void rig.ask('door.open', { ms: 500 });
  await pause(1_000);
  await rig.wire.plug();
  await rig.until(async () => (await rig.ask('door.status'))?.board === 'ready', 'the board is back', 60_000);
  const late = rig.changes.filter(({ pin, high, at }) => pin === PINS.relay && high && at > pulled + RECEIVED_MS);
  assert.deepEqual(late, [], 'the relay rose after the cable was pulled');
}
