import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { systemClock } from '../../device/clock.ts';
import { openBroker } from '../../device/events/broker.ts';
import { EventsError } from '../../device/events/errors.ts';
import { checkBrokerUrl, EventLink, publicBrokerUrl } from '../../device/events/link.ts';
import { Outbox } from '../../device/events/outbox.ts';
import { topicsOf } from '../../device/events/topics.ts';
import { Collector } from '../support/collector.ts';
import { scratch } from '../support/scratch.ts';
import { ShakyBroker } from '../support/shaky-broker.ts';

function openOutbox(
  context: TestContext,
  path = join(scratch(context), 'outbox.sqlite'),
  capacity = 1_000_000,
): Outbox {
  const outbox = new Outbox({ path, device: 'north', capacity, clock: systemClock });
  context.after(() => {
    outbox.close();
  });
  return outbox;
}

function openLink(context: TestContext, url: string, outbox: Outbox, changes: unknown[] = []): EventLink {
  const link = new EventLink({
    url,
    device: 'north',
    outbox,
    acknowledgedBy: 'broker',
    clock: systemClock,
    onChange: (change) => changes.push(change),
  });
  context.after(() => link.close());
  return link;
}

async function openCollector(context: TestContext, url: string, acknowledging = true): Promise<Collector> {
  const collector = await Collector.open(url, { acknowledging });
  context.after(() => collector.close());
  return collector;
}

function fill(outbox: Outbox, count: number): void {
  for (let i = 0; i < count; i++) outbox.append({ type: 'whorl.touch.retry', data: { reason: 'centre' } });
}

const soon = (): AbortSignal => AbortSignal.timeout(10_000);
const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);

describe('event link', () => {
  test('birth, every event once and in order, farewell', async (context) => {
    const broker = await ShakyBroker.open(context);
    const collector = await openCollector(context, broker.url);
    const outbox = openOutbox(context);
    fill(outbox, 100);
    const link = openLink(context, broker.url, outbox);
    await link.drained(soon());
    fill(outbox, 1);
    await link.drained(soon());
    assert.deepEqual(link.counts, { published: 101, acknowledged: 101 });
    await link.close();
    await collector.until(({ events, states }) => events.length >= 101 && states.length >= 2);
    assert.deepEqual(
      collector.events.map(({ sequence }) => Number(sequence)),
      upTo(101),
    );
    assert.deepEqual(
      collector.states.map(({ state }) => state),
      ['ready', 'disconnected'],
    );

    const late = await Collector.open(broker.url, { clientId: 'late' });
    await late.until(({ states }) => states.length > 0);
    assert.deepEqual([late.states[0].state, late.states[0].retained], ['disconnected', true]);
    await late.close();
  });

  test('a broker that was away from the start gets everything when it comes', async (context) => {
    const broker = await ShakyBroker.open(context);
    const collector = await openCollector(context, broker.url);
    await broker.down();
    const outbox = openOutbox(context);
    fill(outbox, 50);
    const changes: { up: boolean }[] = [];
    const link = openLink(context, broker.url, outbox, changes);
    await assert.rejects(link.drained(AbortSignal.timeout(300)));
    assert.equal(outbox.waiting, 50);
    assert.deepEqual(
      changes.map(({ up }) => up),
      [false],
      'told once, not at every attempt',
    );
    await broker.up();
    await link.drained(soon());
    await collector.until(({ events }) => events.length >= 50);
    assert.deepEqual(collector.sequences, upTo(50));
  });

  test('a connection that breaks again and again loses nothing, and repeats only with the same id and bytes', async (context) => {
    const broker = await ShakyBroker.open(context);
    const collector = await openCollector(context, broker.url);
    const outbox = openOutbox(context);
    const link = openLink(context, broker.url, outbox);
    for (let i = 0; i < 4; i++) {
      fill(outbox, 100);
      await new Promise((resolve) => setTimeout(resolve, 20 + 15 * i));
      broker.cut();
    }
    await link.drained(soon());
    await collector.until(({ sequences }) => sequences.length >= 400);
    assert.deepEqual(collector.sequences, upTo(400));
    const bodies = new Map<string, string>();
    for (const event of collector.events) {
      const body = JSON.stringify(event);
      assert.equal(bodies.get(event.id) ?? body, body);
      bodies.set(event.id, body);
    }
    assert.equal(bodies.size, 400);
  });

  test('when the terminal vanishes the broker says so, for the session that had announced itself', async (context) => {
    const broker = await ShakyBroker.open(context);
    const collector = await openCollector(context, broker.url);
    openLink(context, broker.url, openOutbox(context));
    await collector.until(({ states }) => states.length >= 1);
    broker.cut();
    const [{ session }] = collector.states;
    await collector.until(({ states }) => states.some(({ state }) => state === 'lost'));
    assert.equal(collector.states.find(({ state }) => state === 'lost')?.session, session);
    // Whichever comes first, the old connection's will or the new one's birth: what stays is the truth.
    await collector.until(({ states }) => states.at(-1)?.state === 'ready' && states.at(-1)?.session !== session);
  });

  test('events of another process are found', async (context) => {
    const broker = await ShakyBroker.open(context);
    const path = join(scratch(context), 'outbox.sqlite');
    const [ours, theirs] = [openOutbox(context, path), openOutbox(context, path)];
    const link = openLink(context, broker.url, ours);
    fill(ours, 1);
    await link.drained(soon());
    fill(theirs, 3);
    await link.drained(soon());
    assert.equal(link.counts.acknowledged, 4);
  });

  test('the gap that a full outbox left is reported when the broker is there again', async (context) => {
    const broker = await ShakyBroker.open(context);
    const collector = await openCollector(context, broker.url);
    const outbox = openOutbox(context, undefined, 100);
    fill(outbox, 250);
    const link = openLink(context, broker.url, outbox);
    await link.drained(soon());
    await collector.until(({ events }) => events.some(({ type }) => type === 'whorl.events.lost'));
    const report = collector.events.find((event) => event.type === 'whorl.events.lost');
    assert.deepEqual(report?.data, { from: 1, to: 151, count: 151 });
    assert.deepEqual(collector.sequences, upTo(251).slice(151));
  });

  test('a collector’s word, not the broker’s, ends an event’s delivery; what it asks for comes again', async (context) => {
    const broker = await ShakyBroker.open(context);
    const collector = await openCollector(context, broker.url, false);
    const outbox = openOutbox(context);
    fill(outbox, 1_500);
    const troubles: string[] = [];
    const link = new EventLink({
      ...{ url: broker.url, device: 'north', outbox, clock: systemClock, acknowledgedBy: 'collector' },
      onTrouble: ({ code }) => troubles.push(code),
    });
    context.after(() => link.close());
    await collector.until(({ events }) => events.length >= 1_000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual([collector.events.length, outbox.waiting], [1_000, 1_500], 'no more than a broker queues');
    collector.acknowledge();
    await link.drained(soon());
    assert.deepEqual(
      collector.events.map(({ sequence }) => Number(sequence)),
      upTo(1_500),
    );
    assert.equal(link.counts.acknowledged, 1_500);

    const { ack, replay } = topicsOf('north');
    const { journal } = outbox;
    collector.events.length = 0;
    await collector.publish(replay, JSON.stringify({ journal, from: 1_401 }));
    await collector.until(({ events }) => events.length >= 100);
    assert.deepEqual(collector.sequences, upTo(1_500).slice(1_400));

    fill(outbox, 1);
    await collector.until(({ sequences }) => sequences.includes(1_501));
    await link.drained(soon());
    await collector.publish(ack, JSON.stringify({ journal: 'another', sequence: 1 }));
    await collector.publish(ack, JSON.stringify({ journal, sequence: 2_000 }));
    for (const wrong of ['', 'null', '{"journal":1}', '{"journal":"a","sequence":-1}', '['.repeat(5_000)])
      await collector.publish(replay, wrong);
    const deadline = Date.now() + 5_000;
    while (troubles.length < 7 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
    const bad = Array.from({ length: 5 }, () => 'events.bad-order');
    assert.deepEqual(troubles, ['events.other-journal', 'events.never-sent', ...bad]);
    assert.equal(outbox.acknowledged, 1_501);
  });

  test('whoever looks sees an event at once, whatever the backlog is', async (context) => {
    const broker = await ShakyBroker.open(context);
    const collector = await openCollector(context, broker.url, false);
    const outbox = openOutbox(context);
    fill(outbox, 1_200);
    const link = new EventLink({
      ...{ url: broker.url, device: 'north', outbox, clock: systemClock, acknowledgedBy: 'collector' },
    });
    context.after(() => link.close());
    await collector.until(({ events }) => events.length >= 1_000);
    fill(outbox, 2);
    await collector.until(({ live }) => live.length >= 2);
    assert.deepEqual(
      collector.live.map(({ sequence }) => Number(sequence)),
      [1_201, 1_202],
    );
    assert.ok(!collector.sequences.includes(1_201));
  });

  test('what is sent to the device reaches it; it answers while connected and is refused otherwise', async (context) => {
    const broker = await ShakyBroker.open(context);
    const collector = await openCollector(context, broker.url);
    const { answer, request } = topicsOf('north');
    const link: EventLink = new EventLink({
      url: broker.url,
      device: 'north',
      outbox: openOutbox(context),
      acknowledgedBy: 'broker',
      clock: systemClock,
      onMessage: ({ topic, payload, retained }) => {
        const heard = JSON.stringify({ topic, retained, heard: payload.toString() });
        void link.publish(answer, heard, { qos: 1, retain: false });
      },
    });
    context.after(() => link.close());
    await collector.until(({ states }) => states.length > 0);
    await collector.publish(request, 'open sesame');
    await collector.until(({ answers }) => answers.length > 0);
    assert.deepEqual(collector.answers, [{ topic: 'request', retained: false, heard: 'open sesame' }]);
    await link.close();
    await assert.rejects(link.publish(answer, 'x', { qos: 1, retain: false }), { code: 'events.not-connected' });
  });

  test('closing does not wait for a broker that accepts and says nothing', async (context) => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    context.after(() => silent.close());
    const outbox = openOutbox(context);
    fill(outbox, 1);
    const link = openLink(context, `mqtt://127.0.0.1:${(silent.address() as AddressInfo).port}`, outbox);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const begin = Date.now();
    await link.close();
    assert.ok(Date.now() - begin < 3_000);
    assert.equal(outbox.waiting, 1);
  });

  test('the embedded broker says where it listens, and that a port is taken', async () => {
    const broker = await openBroker(0);
    const port = Number(new URL(broker.url).port);
    assert.ok(port > 0);
    await assert.rejects(
      openBroker(port),
      (error) => error instanceof EventsError && error.code === 'events.broker-address',
    );
    await broker.close();
  });

  test('a broker is given as an MQTT URL, and shown without its password', () => {
    for (const wrong of ['', 'localhost', 'http://localhost', 'mqtt://', 'localhost:1883', 'mqtt:///x'])
      assert.throws(
        () => {
          checkBrokerUrl(wrong);
        },
        EventsError,
        wrong,
      );
    checkBrokerUrl('mqtts://user:secret@broker.example:8883');
    assert.equal(publicBrokerUrl('mqtt://user:secret@broker.example:1884'), 'mqtt://broker.example:1884');
  });
});
