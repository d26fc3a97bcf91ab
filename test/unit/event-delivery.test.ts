import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { Delivery, type AcknowledgedBy } from '../../device/events/delivery.ts';
import { Outbox } from '../../device/events/outbox.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { scratch } from '../support/scratch.ts';

interface Rig {
  readonly clock: ManualClock;
  readonly outbox: Outbox;
  readonly delivery: Delivery;
  /** What was sent since this was asked last; `!` behind what was marked as late. */
  readonly sent: () => string[];
  readonly endings: string[];
  readonly settled: () => Promise<void>;
}

/** A delivery whose broker takes everything at once, or nothing. */
function open(context: TestContext, acknowledgedBy: AcknowledgedBy, count: number, takes = true): Rig {
  const clock = new ManualClock();
  const path = join(scratch(context), 'outbox.sqlite');
  const outbox = new Outbox({ path, device: 'north', capacity: 10_000, clock });
  for (let i = 0; i < count; i++) outbox.append({ type: 'whorl.touch.retry', data: { reason: 'centre' } });
  let sent: string[] = [];
  const endings: string[] = [];
  const delivery = new Delivery({
    outbox,
    clock,
    acknowledgedBy,
    carrier: {
      receiveMaximum: 20,
      send({ sequence }, late, taken) {
        sent.push(`${sequence}${late ? '!' : ''}`);
        if (takes) setImmediate(taken);
      },
      show: () => undefined,
    },
    giveUp: (error) => {
      endings.push((error as { code?: string }).code ?? error.message);
      delivery.stop();
    },
    onTrouble: () => undefined,
  });
  context.after(() => {
    delivery.stop();
    outbox.close();
  });
  return {
    ...{ clock, outbox, delivery, endings },
    sent: () => {
      const before = sent;
      sent = [];
      return before;
    },
    settled: async () => {
      for (let i = 0; i < 300; i++) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const five = ['1', '2', '3', '4', '5'];
const late = five.map((sequence) => `${sequence}!`);

describe('delivery of events', () => {
  test('a silent collector is sent everything again, after ever longer pauses', async (context) => {
    const { clock, delivery, outbox, sent, settled } = open(context, 'collector', 5);
    await settled();
    assert.deepEqual(sent(), five);
    const pauses: number[] = [];
    let since = 0;
    for (let second = 0; second < 3_000; second++) {
      await clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
      since++;
      if (sent().length === 0) continue;
      pauses.push(since);
      since = 0;
    }
    assert.deepEqual(pauses, [31, 61, 121, 241, 481, 601, 601, 601]);
    delivery.acknowledge(outbox.journal, 5);
    await settled();
    assert.equal(outbox.waiting, 0);
    await clock.advance(3_600_000);
    await settled();
    assert.deepEqual(sent(), []);
  });

  test('a collector that moves on is given the first pause again', async (context) => {
    const { clock, delivery, outbox, sent, settled } = open(context, 'collector', 5);
    await settled();
    await clock.advance(31_000);
    await settled();
    await clock.advance(31_000);
    await settled();
    assert.deepEqual(sent(), [...five, ...late]);
    delivery.acknowledge(outbox.journal, 3);
    await clock.advance(31_000);
    await settled();
    assert.deepEqual(sent(), ['4!', '5!']);
  });

  test('a replay comes before what is new, in order, and is not cut short by an older word of the collector', async (context) => {
    const { delivery, outbox, sent, settled } = open(context, 'collector', 5);
    await settled();
    delivery.acknowledge(outbox.journal, 5);
    sent();
    delivery.replay(outbox.journal, 1);
    outbox.append({ type: 'whorl.touch.retry', data: { reason: 'centre' } });
    delivery.acknowledge(outbox.journal, 5);
    await settled();
    assert.deepEqual(sent(), [...late, '6']);
    delivery.acknowledge(outbox.journal, 6);
    delivery.replay(outbox.journal, 7);
    delivery.replay('another', 1);
    await settled();
    assert.deepEqual(sent(), []);
  });

  test('events that come long after their time are marked', async (context) => {
    const { clock, delivery, outbox, sent, settled } = open(context, 'collector', 1_001);
    await settled();
    assert.equal(sent().length, 1_000);
    await clock.advance(61_000);
    sent();
    delivery.acknowledge(outbox.journal, 1_000);
    await settled();
    assert.deepEqual(sent().slice(-1), ['1001!']);
  });

  test('with a broker’s word alone the cursor moves as it takes events, and it is left when it takes none', async (context) => {
    const willing = open(context, 'broker', 50);
    await willing.settled();
    assert.equal(willing.outbox.waiting, 0);
    const silent = open(context, 'broker', 50, false);
    await silent.settled();
    assert.equal(silent.sent().length, 16, 'no more than a broker takes of a client at a time');
    await silent.clock.advance(30_000);
    assert.deepEqual(silent.endings, []);
    await silent.clock.advance(1_000);
    assert.deepEqual(silent.endings, ['events.broker-silent']);
    assert.equal(silent.outbox.waiting, 50);
  });
});
