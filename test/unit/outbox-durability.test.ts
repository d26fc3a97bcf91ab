import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { EventsError } from '../../device/events/errors.ts';
import type { Report, TerminalEvent } from '../../device/events/event.ts';
import { Outbox } from '../../device/events/outbox.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { scratch } from '../support/scratch.ts';

const retry: Report = { type: 'whorl.touch.retry', data: { reason: 'centre' } };

function open(context: TestContext, path = join(scratch(context), 'outbox.sqlite'), capacity = 1_000_000): Outbox {
  const outbox = new Outbox({ path, device: 'north', capacity, clock: new ManualClock() });
  context.after(() => {
    outbox.close();
  });
  return outbox;
}

function waiting(outbox: Outbox): TerminalEvent[] {
  return outbox.read(outbox.acknowledged, 1_000_000).map(({ body }) => JSON.parse(body) as TerminalEvent);
}

describe('outbox', () => {
  test('an event is a CloudEvent with id, source, time and a rising sequence', (context) => {
    const outbox = open(context);
    const first = outbox.append(retry);
    const second = outbox.append({
      type: 'whorl.person.enrolled',
      subject: 'p1',
      data: { finger: 'right-index', touches: 4 },
    });
    assert.equal(first.id, `${first.journal}-1`);
    assert.match(first.journal, /^[0-9a-f]{16}$/);
    assert.deepEqual([first.sequence, second.sequence], ['0000000001', '0000000002']);
    assert.equal(second.journal, first.journal);
    assert.equal(second.subject, 'p1');
    assert.deepEqual(
      [first.specversion, first.source, first.time],
      ['1.0', '/whorl/north', '2026-01-01T00:00:00.000Z'],
    );
    assert.deepEqual(waiting(outbox), [first, second]);
  });

  test('acknowledging moves the cursor, and only the cursor', (context) => {
    const outbox = open(context);
    for (let i = 0; i < 5; i++) outbox.append(retry);
    assert.deepEqual([outbox.acknowledged, outbox.last, outbox.waiting], [0, 5, 5]);
    outbox.acknowledge(3);
    assert.deepEqual([outbox.acknowledged, outbox.last, outbox.waiting], [3, 5, 2]);
    assert.deepEqual(
      outbox.read(3, 10).map(({ sequence }) => sequence),
      [4, 5],
    );
    outbox.acknowledge(5);
    assert.deepEqual([outbox.acknowledged, outbox.last, outbox.waiting], [5, 5, 0]);
  });

  test('a sequence number is never used again, not even after everything left and the terminal restarted', (context) => {
    const path = join(scratch(context), 'outbox.sqlite');
    const before = open(context, path);
    const { journal } = before.append(retry);
    before.acknowledge(1);
    before.close();
    const after = open(context, path);
    assert.deepEqual([after.acknowledged, after.last], [1, 1]);
    assert.equal(after.append(retry).id, `${journal}-2`);
  });

  test('two processes may append: numbers stay unique and without a hole', (context) => {
    const path = join(scratch(context), 'outbox.sqlite');
    const [a, b] = [open(context, path), open(context, path)];
    for (let i = 0; i < 20; i++) (i % 3 === 0 ? a : b).append(retry);
    assert.deepEqual(
      waiting(a).map(({ sequence }) => Number(sequence)),
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
  });

  test('a full outbox lets the oldest go and reports the gap', (context) => {
    const outbox = open(context, undefined, 10);
    for (let i = 0; i < 14; i++) outbox.append(retry);
    assert.equal(outbox.waiting, 10);
    outbox.reportLoss();
    const events = waiting(outbox);
    assert.equal(events.length, 10);
    assert.equal(Number(events[0].sequence), 6);
    const last = events.at(-1);
    assert.equal(last?.type, 'whorl.events.lost');
    // The report itself pushed one more out, and counts it.
    assert.deepEqual(last.data, { from: 1, to: 5, count: 5 });
    outbox.reportLoss();
    assert.equal(outbox.last, 15, 'a gap is reported once');
  });

  test('property: whatever is done, what waits and what was reported lost and acknowledged add up to all', (context) => {
    const step = fc.oneof(
      fc.constant({ kind: 'append' as const }),
      fc.record({ kind: fc.constant('acknowledge' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
      fc.constant({ kind: 'report' as const }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const outbox = open(context, undefined, 8);
        const seen = new Map<number, TerminalEvent>();
        let acknowledged = 0;
        for (const action of [...steps, { kind: 'report' as const }]) {
          if (action.kind === 'append') outbox.append(retry);
          else if (action.kind === 'report') outbox.reportLoss();
          else {
            const taken = Math.floor(action.share * outbox.waiting);
            outbox.acknowledge(outbox.acknowledged + taken);
            acknowledged += taken;
          }
          const events = waiting(outbox);
          assert.ok(events.length <= 8);
          assert.deepEqual(
            events.map(({ sequence }) => Number(sequence)),
            Array.from({ length: outbox.waiting }, (_, i) => outbox.acknowledged + 1 + i),
          );
          for (const event of events) seen.set(Number(event.sequence), event);
        }
        const lost = [...seen.values()].reduce(
          (sum, event) => sum + (event.type === 'whorl.events.lost' ? event.data.count : 0),
          0,
        );
        assert.equal(acknowledged + lost + outbox.waiting, outbox.last);
        outbox.close();
      }),
      { numRuns: 60 },
    );
  });

  test('delivered events stay for replay until their room is needed, and that is no loss', (context) => {
    const outbox = open(context, undefined, 10);
    for (let i = 0; i < 8; i++) outbox.append(retry);
    outbox.acknowledge(6);
    assert.deepEqual([outbox.first, outbox.acknowledged, outbox.last], [1, 6, 8]);
    assert.equal(outbox.read(0, 100).length, 8);
    for (let i = 0; i < 6; i++) outbox.append(retry);
    assert.deepEqual([outbox.first, outbox.acknowledged, outbox.last], [5, 6, 14]);
    outbox.reportLoss();
    assert.equal(outbox.last, 14, 'nothing was lost');
    for (let i = 0; i < 4; i++) outbox.append(retry);
    assert.deepEqual([outbox.first, outbox.acknowledged, outbox.last], [9, 8, 18]);
    outbox.reportLoss();
    const report = waiting(outbox).at(-1);
    assert.deepEqual(report?.data, { from: 7, to: 9, count: 3 });
  });

  test('the cursor never goes back, nor beyond the newest event', (context) => {
    const outbox = open(context);
    for (let i = 0; i < 5; i++) outbox.append(retry);
    outbox.acknowledge(4);
    outbox.acknowledge(2);
    assert.equal(outbox.acknowledged, 4);
    outbox.acknowledge(99);
    assert.equal(outbox.acknowledged, 5);
  });

  test('delivered events go when they are old; what waits never does', async (context) => {
    const clock = new ManualClock();
    const path = join(scratch(context), 'outbox.sqlite');
    const outbox = new Outbox({ path, device: 'north', capacity: 10_000, clock });
    context.after(() => {
      outbox.close();
    });
    const day = 86_400_000;
    for (let i = 0; i < 700; i++) outbox.append(retry);
    await clock.advance(50 * day);
    for (let i = 0; i < 10; i++) outbox.append(retry);
    outbox.acknowledge(690);
    assert.equal(outbox.prune(90, clock.now()), false);
    assert.equal(outbox.first, 1);
    await clock.advance(41 * day);
    assert.equal(outbox.prune(90, clock.now()), true, 'a part at a time');
    assert.equal(outbox.prune(90, clock.now()), false);
    assert.deepEqual([outbox.first, outbox.waiting], [691, 20]);
    await clock.advance(100 * day);
    assert.equal(outbox.prune(90, clock.now()), false);
    assert.deepEqual([outbox.first, outbox.waiting], [691, 20]);
    outbox.acknowledge(710);
    assert.equal(outbox.prune(90, clock.now()), false);
    assert.deepEqual([outbox.first, outbox.last, outbox.waiting], [711, 710, 0]);
    assert.equal(Number(outbox.append(retry).sequence), 711);
  });

  test('an event dated to come goes with the one behind it', async (context) => {
    const clock = new ManualClock();
    const path = join(scratch(context), 'outbox.sqlite');
    const outbox = new Outbox({ path, device: 'north', capacity: 10_000, clock });
    context.after(() => {
      outbox.close();
    });
    const day = 86_400_000;
    await clock.advance(10_000 * day);
    outbox.append(retry);
    await clock.advance(-10_000 * day);
    outbox.append(retry);
    outbox.acknowledge(2);
    await clock.advance(91 * day);
    outbox.prune(90, clock.now());
    assert.equal(outbox.first, 3);
  });

  test('an outbox of the first layout is brought up: its events wait, its numbers go on', (context) => {
    const path = join(scratch(context), 'outbox.sqlite');
    const before = new Database(path);
    before.pragma('journal_mode = WAL');
    before.exec(`
      CREATE TABLE event (sequence INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
      CREATE TABLE journal (id TEXT NOT NULL, last INTEGER NOT NULL, lost_from INTEGER, lost_to INTEGER NOT NULL,
        lost_count INTEGER NOT NULL) STRICT;
      INSERT INTO journal VALUES ('00112233445566ff', 9, NULL, 0, 0);
      INSERT INTO event VALUES (8, '{"time":"2026-01-01T00:00:00.000Z"}'), (9, '{"time":"2026-01-01T00:00:00.000Z"}');
      PRAGMA user_version = 1;
    `);
    before.close();
    const outbox = open(context, path);
    assert.deepEqual([outbox.journal, outbox.first, outbox.acknowledged, outbox.last], ['00112233445566ff', 8, 7, 9]);
    assert.equal(outbox.append(retry).id, '00112233445566ff-10');

    const emptyPath = join(scratch(context), 'outbox.sqlite');
    const empty = new Database(emptyPath);
    empty.exec(`
      CREATE TABLE event (sequence INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
      CREATE TABLE journal (id TEXT NOT NULL, last INTEGER NOT NULL, lost_from INTEGER, lost_to INTEGER NOT NULL,
        lost_count INTEGER NOT NULL) STRICT;
      INSERT INTO journal VALUES ('00112233445566ff', 9, NULL, 0, 0);
      PRAGMA user_version = 1;
    `);
    empty.close();
    const drained = open(context, emptyPath);
    assert.deepEqual([drained.first, drained.acknowledged, drained.last, drained.waiting], [10, 9, 9, 0]);
  });

  test('a listener hears of appends until it leaves', (context) => {
    const outbox = open(context);
    let heard = 0;
    const leave = outbox.onAppend(() => heard++);
    outbox.append(retry);
    leave();
    outbox.append(retry);
    assert.equal(heard, 1);
  });

  test('a damaged or a newer file is refused with a code and left as it is', (context) => {
    const directory = scratch(context);
    const damaged = join(directory, 'damaged.sqlite');
    writeFileSync(
      damaged,
      'this is no database, and long enough for SQLite to look at its header twice, at least 100 bytes'.repeat(3),
    );
    assert.throws(() => open(context, damaged), isError('events.outbox-unreadable'));
    const newer = join(directory, 'newer.sqlite');
    const database = new Database(newer);
    database.pragma('user_version = 99');
    database.close();
    assert.throws(() => open(context, newer), isError('events.outbox-newer'));
    assert.throws(() => open(context, join(directory, 'absent', 'outbox.sqlite')), isError('events.outbox-unreadable'));
  });

  test('an event that cannot be written is refused, and none is half there', (context) => {
    const path = join(scratch(context), 'outbox.sqlite');
    const outbox = open(context, path);
    outbox.append(retry);
    const saboteur = new Database(path);
    saboteur.exec("CREATE TRIGGER full BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'disk full'); END");
    assert.throws(() => outbox.append(retry), isError('events.outbox-write'));
    saboteur.exec('DROP TRIGGER full');
    saboteur.close();
    assert.equal(outbox.append(retry).sequence, '0000000002');
    assert.equal(outbox.waiting, 2);
  });
});

function isError(code: string): (error: unknown) => boolean {
  return (error) => error instanceof EventsError && error.code === code;
}
