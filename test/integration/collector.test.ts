import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import Database from 'better-sqlite3';
import { Collector } from '../../fleet/collector/collector.ts';
import { openMqttFeed } from '../../fleet/collector/mqtt-feed.ts';
import { SqliteStore } from '../../fleet/collector/sqlite-store.ts';
import { terminalEvent } from '../support/fleet-event.ts';
import { hastyClock } from '../support/hasty-clock.ts';
import { Mosquitto, skipWithoutMosquitto } from '../support/mosquitto.ts';
import { scratch } from '../support/scratch.ts';
import { SimulatedDevice } from '../support/simulated-device.ts';

interface Opened {
  readonly collector: Collector;
  readonly store: SqliteStore;
  readonly lost: [number, number][];
  close(): Promise<void>;
}

async function open(
  context: TestContext,
  url: string,
  path: string,
  more: { id?: string; group?: string } = {},
): Promise<Opened> {
  const store = new SqliteStore(path);
  const lost: [number, number][] = [];
  const collector = await Collector.open({
    store,
    clock: hastyClock(50),
    openFeed: (intake) => openMqttFeed({ url, id: 'collector', ...more }, intake),
    onTrouble: (error) => {
      if (error !== undefined) context.diagnostic(error.message);
    },
    onLost: (_key, first, last) => lost.push([first, last]),
  });
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await collector.close();
    await store.close();
  };
  context.after(close);
  return { collector, store, lost, close };
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not within 15 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function sequences(path: string, device: string, journal?: string): number[] {
  const database = new Database(path, { readonly: true });
  try {
    return database
      .prepare<[string, string | null, string | null], { sequence: number }>(
        'SELECT sequence FROM event WHERE device = ? AND (? IS NULL OR journal = ?) ORDER BY sequence',
      )
      .all(device, journal ?? null, journal ?? null)
      .map(({ sequence }) => sequence);
  } finally {
    database.close();
  }
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);

describe('collector at a real broker', { skip: skipWithoutMosquitto() }, () => {
  test('stores what devices send, once, and moves their cursors; garbage stops nothing', async (context) => {
    const directory = scratch(context);
    const path = join(directory, 'events.sqlite');
    const broker = await Mosquitto.open(context, directory);
    const { collector, store } = await open(context, broker.url, path);
    const devices = ['north', 'south', 'west'].map((name) => SimulatedDevice.open(context, broker.url, name));
    for (const device of devices) device.append(1_500);
    await devices[0].publish('garbage');
    await devices[0].publish(Buffer.from([0xff, 0x00]));
    await devices[0].publish(JSON.stringify(terminalEvent('south', devices[1].journal, 4)));
    for (const device of devices) device.append(500);
    await until(() => devices.every(({ acknowledged }) => acknowledged === 2_000), 'all acknowledged');
    for (const name of ['north', 'south', 'west']) assert.deepEqual(sequences(path, name), upTo(2_000));
    await until(() => collector.counts.refused === 3, 'garbage refused');
    const reasons = (await store.deadLetters(10)).map(({ reason }) => reason);
    assert.equal(reasons.length, 3);
    assert.ok(reasons.some((reason) => reason.includes('/whorl/south')));
  });

  test('a collector that comes back goes on from the store, whatever the broker forgot', async (context) => {
    const directory = scratch(context);
    const path = join(directory, 'events.sqlite');
    const broker = await Mosquitto.open(context, directory);
    const first = await open(context, broker.url, path);
    const device = SimulatedDevice.open(context, broker.url, 'north', { resendMs: 500 });
    device.append(300);
    await until(() => device.acknowledged === 300, 'first part');
    await first.close();
    device.append(300);
    await open(context, broker.url, path, { id: 'another' });
    await until(() => device.acknowledged === 600, 'second part');
    assert.deepEqual(sequences(path, 'north'), upTo(600));
  });

  test('a hole is asked for, and filled', async (context) => {
    const directory = scratch(context);
    const path = join(directory, 'events.sqlite');
    const broker = await Mosquitto.open(context, directory);
    const { collector, lost } = await open(context, broker.url, path);
    const device = SimulatedDevice.open(context, broker.url, 'north', { resendMs: 60_000 });
    await device.publish(JSON.stringify(terminalEvent('north', device.journal, 5)));
    await until(() => collector.counts.stored === 1, 'the fifth');
    // Seven happened; the first four and the last two never came.
    device.skip(7);
    await until(() => device.acknowledged === 7, 'the others');
    assert.ok(collector.counts.asked > 0);
    assert.deepEqual(lost, []);
    assert.equal(sequences(path, 'north').length, 7);
  });

  test('what a device does not keep any more holds nothing up, and is told', async (context) => {
    const directory = scratch(context);
    const path = join(directory, 'events.sqlite');
    const broker = await Mosquitto.open(context, directory);
    const { lost } = await open(context, broker.url, path);
    const device = SimulatedDevice.open(context, broker.url, 'north', { resendMs: 200 });
    device.forget(100);
    device.append(10);
    await until(() => device.acknowledged === 110, 'the cursor behind the loss');
    assert.deepEqual(lost, [[1, 100]]);
    assert.deepEqual(sequences(path, 'north'), upTo(110).slice(100));
  });

  test('an outbox made anew begins a journal of its own', async (context) => {
    const directory = scratch(context);
    const path = join(directory, 'events.sqlite');
    const broker = await Mosquitto.open(context, directory);
    await open(context, broker.url, path);
    const before = SimulatedDevice.open(context, broker.url, 'north');
    before.append(20);
    await until(() => before.acknowledged === 20, 'the old journal');
    await before.close();
    const after = SimulatedDevice.open(context, broker.url, 'north', { journal: '00000000000000bb' });
    after.append(5);
    await until(() => after.acknowledged === 5, 'the new journal');
    assert.deepEqual(sequences(path, 'north', before.journal), upTo(20));
    assert.deepEqual(sequences(path, 'north', after.journal), upTo(5));
  });

  test('two share the events of a group; one leaves in the middle', async (context) => {
    const directory = scratch(context);
    const path = join(directory, 'events.sqlite');
    const broker = await Mosquitto.open(context, directory);
    const one = await open(context, broker.url, path, { id: 'one', group: 'whorl' });
    const two = await open(context, broker.url, path, { id: 'two', group: 'whorl' });
    const devices = ['north', 'south'].map((name) =>
      SimulatedDevice.open(context, broker.url, name, { resendMs: 500 }),
    );
    for (const device of devices) device.append(1_000);
    await until(() => one.collector.counts.stored > 100 && two.collector.counts.stored > 100, 'both at work');
    for (const device of devices) device.append(1_000);
    await one.close();
    await until(() => devices.every(({ acknowledged }) => acknowledged === 2_000), 'all acknowledged');
    for (const name of ['north', 'south']) assert.deepEqual(sequences(path, name), upTo(2_000));
  });
});
