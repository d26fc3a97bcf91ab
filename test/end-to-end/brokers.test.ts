import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { systemClock } from '../../device/clock.ts';
import { readTlsFiles } from '../../device/events/broker-tls.ts';
import { EventLink, type LinkChange } from '../../device/events/link.ts';
import { Outbox } from '../../device/events/outbox.ts';
import { topicsOf } from '../../device/events/topics.ts';
import { BROKERS, publishAs, skipWithoutBroker, type Broker } from '../support/brokers.ts';
import { Cable } from '../support/cable.ts';
import { ProofCleanup } from '../support/cleanup.ts';
import { Collector } from '../support/collector.ts';
import { scratch } from '../support/scratch.ts';

const DEVICE = 'door-1';
const PATIENCE_MS = 120_000;

const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);

/** The same for every broker: what Whorl promises does not depend on whose it is. */
for (const kind of BROKERS)
  describe(`link over ${kind.name}`, { skip: skipWithoutBroker(kind) }, () => {
    const cleanup = new ProofCleanup();
    const changes: LinkChange[] = [];
    const troubles: string[] = [];
    let broker: Broker;
    let cable: Cable;
    let outbox: Outbox;
    let link: EventLink;
    let collector: Collector;
    const fill = (count: number): void => {
      for (let i = 0; i < count; i++) outbox.append({ type: 'whorl.touch.retry', data: { reason: 'centre' } });
    };
    const drained = (): Promise<void> => link.drained(AbortSignal.timeout(PATIENCE_MS));

    before(async () => {
      const directory = scratch(cleanup);
      broker = await kind.open(cleanup, directory);
      cable = await Cable.open(cleanup, broker.port);
      collector = await Collector.open(broker.url(broker.port), {
        clientId: 'collector',
        topics: ['event', 'state', 'answer'].map((name) => `whorl/${DEVICE}/${name}`),
        protocolVersion: kind.protocol === '5' ? 5 : 4,
        tls: broker.identity('collector'),
      });
      cleanup.after(() => collector.close());
      outbox = new Outbox({
        path: join(directory, 'outbox.sqlite'),
        device: DEVICE,
        capacity: 10_000,
        clock: systemClock,
      });
      cleanup.after(() => {
        outbox.close();
      });
      fill(300);
      link = new EventLink({
        ...{
          url: broker.url(cable.port),
          tls: () => readTlsFiles(broker.identity(DEVICE)),
          device: DEVICE,
          outbox,
          clock: systemClock,
        },
        acknowledgedBy: 'collector',
        onChange: (change) => changes.push(change),
        onTrouble: ({ code, message }) => troubles.push(`${code}: ${message}`),
        onMessage: ({ payload }) => {
          const answer = JSON.stringify({ heard: payload.toString() });
          void link.publish(topicsOf(DEVICE).answer, answer, { qos: 1, retain: false });
        },
      });
      cleanup.after(() => link.close());
    });
    after(() => cleanup.close());

    test(`it is met with MQTT ${kind.protocol}; the outbox is drained, each event once and in order`, async () => {
      await drained();
      assert.equal(link.protocol, kind.protocol);
      assert.deepEqual(changes[0], { up: true, protocol: kind.protocol });
      assert.deepEqual(
        collector.events.map(({ sequence }) => Number(sequence)),
        upTo(300),
      );
      assert.deepEqual(troubles, []);
    });

    test('a command is heard and answered', async () => {
      // As an operator: collectors command nothing.
      await publishAs(broker, 'operator', topicsOf(DEVICE).request, 'are you there?');
      await collector.until(({ answers }) => answers.length > 0, PATIENCE_MS);
      assert.deepEqual(collector.answers, [{ heard: 'are you there?' }]);
    });

    test('births, wills and farewells are paired by their sessions', async () => {
      await collector.until(({ states }) => states.length >= 1, PATIENCE_MS);
      const first = collector.states[0].session;
      cable.pull();
      await collector.until(({ states }) => states.some(({ state }) => state === 'lost'), PATIENCE_MS);
      await collector.until(
        ({ states }) => states.at(-1)?.state === 'ready' && states.at(-1)?.session !== first,
        PATIENCE_MS,
      );
      assert.deepEqual(
        collector.states.filter(({ state }) => state === 'lost').map(({ session }) => session),
        [first],
      );
    });

    test('it is killed and comes back: nothing is missing', async () => {
      fill(50);
      await broker.kill();
      fill(50);
      await broker.start();
      await drained();
      await collector.until(({ sequences }) => sequences.length >= 400, PATIENCE_MS);
      assert.deepEqual(collector.sequences, upTo(400));
    });

    test('the farewell is the last word, and stays', async () => {
      await link.close();
      await collector.until(({ states }) => states.at(-1)?.state === 'disconnected', PATIENCE_MS);
      const birth = collector.states.findLast(({ state }) => state === 'ready');
      assert.equal(collector.states.at(-1)?.session, birth?.session);
    });
  });
