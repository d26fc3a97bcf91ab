import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isRefusal, readMessage, type Arrival, type Refusal } from '../../fleet/collector/arrival.ts';
import { terminalEvent } from '../support/fleet-event.ts';

const NOW = Date.UTC(2026, 5, 15);
const JOURNAL = '00000000000000aa';
const good = terminalEvent('north', JOURNAL, 7, { time: NOW });

const read = (event: unknown, { late = false, topic = 'whorl/north/event', now = NOW } = {}): Arrival | Refusal =>
  readMessage({ topic, payload: Buffer.from(typeof event === 'string' ? event : JSON.stringify(event)), late }, now);

describe('messages of the durable feed', () => {
  test('an event of a terminal', () => {
    assert.deepEqual(read(good), {
      device: 'north',
      journal: JOURNAL,
      sequence: 7,
      type: 'whorl.touch.retry',
      time: NOW,
      stored: NOW,
      late: false,
      body: JSON.stringify(good),
    });
    // A newer terminal may report what this collector has never heard of.
    assert.ok(!isRefusal(read({ ...good, type: 'whorl.moon.full', data: { phase: 1 }, extension: 'x' })));
  });

  test('late by its own word or by its time', () => {
    const late = (options: { late?: boolean; now?: number }): boolean => (read(good, options) as Arrival).late;
    assert.deepEqual([late({}), late({ late: true }), late({ now: NOW + 60_001 })], [false, true, true]);
  });

  const faults: [string, unknown, RegExp][] = [
    ['no JSON', '{"specversion":', /no JSON/],
    ['a list', [good], /no CloudEvent/],
    ['another version', { ...good, specversion: '0.3' }, /specversion/],
    ['no data', { ...good, data: undefined }, /data/],
    ['a type of others', { ...good, type: 'com.example.x' }, /type/],
    ['a time that is none', { ...good, time: 'yesterday' }, /time/],
    ['sequence zero', { ...good, id: `${JOURNAL}-0`, sequence: '0000000000' }, /contradict/],
    ['a sequence beyond numbers', { ...good, sequence: '9'.repeat(20) }, /sequence/],
    ['an id of another', { ...good, id: `${JOURNAL}-8` }, /contradict/],
    ['a journal that could be SQL', { ...good, journal: "'; --" }, /journal/],
    ['another device in its source', { ...good, source: '/whorl/south' }, /source/],
    ['a NUL in the subject', { ...good, subject: 'a\u0000b' }, /subject/],
    ['more than 64 KiB', { ...good, data: { x: 'x'.repeat(70_000) } }, /larger/],
    [
      'a loss of what is still to come',
      { ...good, type: 'whorl.events.lost', data: { from: 1, to: 7, count: 7 } },
      /lost/,
    ],
  ];
  for (const [name, event, reason] of faults)
    test(`refused: ${name}`, () => {
      const refusal = read(event);
      assert.ok(isRefusal(refusal));
      assert.match(refusal.reason, reason);
    });

  test('refused: text that is no UTF-8, and foreign topics', () => {
    const bytes = Buffer.from(JSON.stringify({ ...good, subject: 'xx' }));
    bytes[bytes.indexOf('xx')] = 0xff;
    assert.ok(isRefusal(readMessage({ topic: 'whorl/north/event', payload: bytes, late: false }, NOW)));
    for (const topic of ['whorl/north/state', 'whorl//event', 'whorl/a b/event', 'other/north/event'])
      assert.ok(isRefusal(read(good, { topic })));
  });

  test('whatever comes is read or refused, and never throws', () => {
    fc.assert(
      fc.property(
        fc.uint8Array(),
        fc.json(),
        fc.dictionary(fc.constantFrom(...Object.keys(good)), fc.jsonValue()),
        (bytes, json, changes) => {
          readMessage({ topic: 'whorl/north/event', payload: Buffer.from(bytes), late: false }, NOW);
          read(json);
          read({ ...good, ...changes });
        },
      ),
    );
  });
});
