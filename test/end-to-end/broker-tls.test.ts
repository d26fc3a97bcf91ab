import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { connectAsync, type MqttClient } from 'mqtt';
import { brokerIdentity } from '../../device/broker-identity.ts';
import { systemClock } from '../../device/clock.ts';
import { loadConfig } from '../../device/config/load.ts';
import { readTlsFiles, type TlsFiles } from '../../device/events/broker-tls.ts';
import { EventLink, type LinkChange } from '../../device/events/link.ts';
import { Outbox } from '../../device/events/outbox.ts';
import { topicsOf } from '../../device/events/topics.ts';
import { identityFiles } from '../../device/provision/identity/device-key.ts';
import { makeSecret } from '../../device/secrets/secret-file.ts';
import { openMosquitto, skipWithoutBroker, BROKERS, type TlsBroker } from '../support/brokers.ts';
import { Authority } from '../support/certificates.ts';
import { ProofCleanup } from '../support/cleanup.ts';
import { scratch } from '../support/scratch.ts';

const mosquitto = BROKERS.find(({ programs }) => programs.includes('mosquitto'));

/** mosquitto by the configuration and the access list that come with Whorl. */
function outboxIn(directory: string, device: string): Outbox {
  return new Outbox({ path: join(directory, 'outbox.sqlite'), device, capacity: 100, clock: systemClock });
}

describe('the shipped mosquitto configuration', { skip: mosquitto && skipWithoutBroker(mosquitto) }, () => {
  const cleanup = new ProofCleanup();
  let directory: string;
  let broker: TlsBroker;

  before(async () => {
    directory = scratch(cleanup);
    broker = await openMosquitto(cleanup, directory);
  });
  after(() => cleanup.close());

  async function client(context: TestContext, name: string, clientId = name): Promise<MqttClient> {
    const opened = await connectAsync(broker.url(broker.port), {
      ...{ clientId, protocolVersion: 5, reconnectPeriod: 0 },
      ...readTlsFiles(broker.identity(name)),
    });
    context.after(() => opened.endAsync(true));
    return opened;
  }

  test('with another terminal’s valid certificate nothing of this one can be read or written', async (context) => {
    const north = await client(context, 'north');
    const south = await client(context, 'south');
    const operator = await client(context, 'operator');
    const collector = await client(context, 'collector');
    const { event, live, state, health, answer, ack, replay, request } = topicsOf('north');
    const told = [event, live, state, health, answer];
    const heard: string[] = [];
    for (const [who, subscriber] of Object.entries({ operator, north, collector, south }))
      subscriber.on('message', (topic, payload) => heard.push(`${who} ${topic} ${payload.toString()}`));
    await operator.subscribeAsync(told, { qos: 1 });
    await north.subscribeAsync([ack, replay, request], { qos: 1 });
    await south.subscribeAsync(['whorl/#', '#', 'whorl/+/event', event, request], { qos: 1 }).catch(() => undefined);

    for (const topic of [...told, ack, replay, request])
      await assert.rejects(south.publishAsync(topic, 'from south', { qos: 1 }), /Not authorized/, topic);
    for (const topic of told) await north.publishAsync(topic, 'from north', { qos: 1 });
    await collector.publishAsync(ack, 'from collector', { qos: 1 });
    await operator.publishAsync(request, 'from operator', { qos: 1 });
    // A terminal commands nobody, itself included, and operator and collector are not it.
    await assert.rejects(north.publishAsync(request, 'x', { qos: 1 }), /Not authorized/);
    await assert.rejects(collector.publishAsync(request, 'x', { qos: 1 }), /Not authorized/);
    for (const topic of told) await assert.rejects(operator.publishAsync(topic, 'x', { qos: 1 }), /Not authorized/);

    const deadline = Date.now() + 10_000;
    while (heard.length < 7 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.deepEqual(heard.sort(), [
      `north ${ack} from collector`,
      `north ${request} from operator`,
      ...told.map((topic) => `operator ${topic} from north`).sort(),
    ]);
  });

  test('nobody takes another’s place by its client id', async (context) => {
    const north = await client(context, 'north', 'whorl-north');
    await client(context, 'south', 'whorl-north');
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.ok(north.connected);
  });

  /** What the link says of a broker that it cannot use. */
  async function refusal(context: TestContext, url: string, tls: TlsFiles): Promise<string> {
    const place = scratch(context);
    const outbox = outboxIn(place, 'north');
    const links: EventLink[] = [];
    const change = await new Promise<LinkChange>((resolve) => {
      links.push(
        new EventLink({
          ...{
            url,
            tls: () => readTlsFiles(tls),
            device: 'north',
            outbox,
            clock: systemClock,
            acknowledgedBy: 'collector',
          },
          onChange: resolve,
        }),
      );
    });
    for (const link of links) await link.close();
    outbox.close();
    assert.ok(!change.up, 'it was let in');
    assert.ok(change.reason.length > 20);
    return change.code;
  }

  test('whatever is wrong with a certificate is told by its code', async (context) => {
    const good = broker.identity('north');
    const url = broker.url(broker.port);
    const foreign = new Authority(directory, 'foreign');
    const stranger = foreign.issue({ name: 'north' });
    assert.equal(await refusal(context, url, { ...good, ca: stranger.ca }), 'events.tls-unknown-ca');
    assert.equal(await refusal(context, url, { ca: good.ca }), 'events.tls-certificate-refused');
    assert.equal(await refusal(context, url, { ...stranger, ca: good.ca }), 'events.tls-certificate-refused');
    const expired = broker.authority.issue({ name: 'late', days: 0 });
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    assert.equal(await refusal(context, url, expired), 'events.tls-certificate-refused');
    assert.equal(await refusal(context, url, { ...good, key: join(directory, 'absent') }), 'events.tls-files');
    // mosquitto hangs up on whoever does not begin with TLS; whether that is a farewell or a reset is chance.
    assert.match(await refusal(context, url.replace('mqtts:', 'mqtt:'), {}), /^events\.broker-(left|unreachable)$/);
    assert.equal(await refusal(context, 'mqtts://localhost:1', good), 'events.broker-unreachable');
  });

  test('a terminal that claimed its certificate needs no file names', async (context) => {
    const state = scratch(context);
    const config = loadConfig({ environment: {}, flags: { state, 'broker.url': broker.url(broker.port) } });
    const own = identityFiles(state);
    mkdirSync(own.directory);
    const { ca, certificate, key } = broker.authority.issue({ name: 'west' });
    cpSync(ca, own.authority);
    cpSync(certificate, own.certificate);
    makeSecret(own.key, 'device key', () => readFileSync(key), config.keys);
    const outbox = outboxIn(state, 'west');
    const links: EventLink[] = [];
    const change = await new Promise<LinkChange>((resolve) => {
      links.push(
        new EventLink({
          ...{ url: broker.url(broker.port), device: 'west', outbox, clock: systemClock, acknowledgedBy: 'collector' },
          tls: () => brokerIdentity(config),
          onChange: resolve,
        }),
      );
    });
    for (const link of links) await link.close();
    outbox.close();
    assert.deepEqual(change, { up: true, protocol: '5' });
  });

  test('a broker whose own certificate is wrong is told by its code', async (context) => {
    for (const [wanted, code] of [
      [{ name: 'broker', names: 'DNS:elsewhere.example' }, 'events.tls-wrong-host'],
      [{ name: 'broker', days: 0 }, 'events.tls-expired'],
    ] as const) {
      const place = scratch(context);
      const wrong = await openMosquitto(context, place, wanted);
      if ('days' in wanted) await new Promise((resolve) => setTimeout(resolve, 1_100));
      assert.equal(await refusal(context, wrong.url(wrong.port), wrong.identity('north')), code);
    }
  });
});
