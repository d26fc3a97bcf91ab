import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { isRefusal, readMessage, type Arrival } from '../../fleet/collector/arrival.ts';
import { MOST_DEAD_LETTERS, type EventStore } from '../../fleet/collector/event-store.ts';
import { terminalEvent } from './fleet-event.ts';

const NOW = Date.UTC(2026, 5, 15);
const JOURNAL = '00000000000000aa';

interface Making {
  readonly device?: string;
  readonly journal?: string;
  readonly time?: number;
  readonly lost?: [number, number];
}

function arrival(sequence: number, { device = 'north', journal = JOURNAL, time = NOW, lost }: Making = {}): Arrival {
  const event = terminalEvent(device, journal, sequence, {
    time,
    ...(lost === undefined
      ? {}
      : { report: { type: 'whorl.events.lost', data: { from: lost[0], to: lost[1], count: lost[1] - lost[0] + 1 } } }),
  });
  const message = { topic: `whorl/${device}/event`, payload: Buffer.from(JSON.stringify(event)), late: false };
  const read = readMessage(message, NOW);
  assert.ok(!isRefusal(read));
  return read;
}

const upTo = (last: number): Arrival[] => Array.from({ length: last }, (_, i) => arrival(i + 1));

/** What a test can look at beside the contract: the store's events of a journal, in the store's order. */
export interface OpenedStore {
  readonly store: EventStore;
  readonly sequences: (device: string, journal: string) => Promise<number[]>;
  readonly body: (device: string, journal: string, sequence: number) => Promise<string | undefined>;
}

/** What every event store must do, whatever it is made of. `open` gives an empty one, `again` the same once more. */
export function eventStoreContract(
  name: string,
  skip: string | false,
  open: (context: TestContext) => Promise<OpenedStore & { again: () => Promise<OpenedStore> }>,
): void {
  describe(`event store on ${name}`, { skip }, () => {
    test('a batch is stored byte for byte and its cursor told', async (context) => {
      const { store, sequences, body } = await open(context);
      const committed = await store.commit(upTo(3));
      assert.equal(committed.fresh, 3);
      assert.deepEqual(committed.standings, [{ device: 'north', journal: JOURNAL, cursor: 3, highest: 3 }]);
      assert.deepEqual(await sequences('north', JOURNAL), [1, 2, 3]);
      assert.equal(await body('north', JOURNAL, 2), arrival(2).body);
    });

    test('what comes again is stored once and acknowledged again', async (context) => {
      const { store, again } = await open(context);
      await store.commit([...upTo(3), ...upTo(2)]);
      const reopened = await again();
      const committed = await reopened.store.commit(upTo(4));
      assert.equal(committed.fresh, 1);
      assert.equal(committed.standings[0].cursor, 4);
      assert.deepEqual(await reopened.sequences('north', JOURNAL), [1, 2, 3, 4]);
    });

    test('out of order and with a hole: stored at once, the cursor waits, the hole is found', async (context) => {
      const { store, sequences } = await open(context);
      const committed = await store.commit([arrival(5), arrival(1), arrival(4)]);
      assert.deepEqual(committed.standings, [{ device: 'north', journal: JOURNAL, cursor: 1, highest: 5 }]);
      assert.deepEqual(await store.holes(10), committed.standings);
      const after = await store.commit([arrival(3), arrival(2)]);
      assert.equal(after.standings[0].cursor, 5);
      assert.deepEqual(await store.holes(10), []);
      assert.deepEqual(await sequences('north', JOURNAL), [1, 2, 3, 4, 5]);
    });

    test('a counted gap closes a hole; what comes of it all the same is stored', async (context) => {
      const { store, sequences } = await open(context);
      const committed = await store.commit([arrival(1), arrival(11, { lost: [2, 9] })]);
      assert.equal(committed.standings[0].cursor, 9);
      assert.equal((await store.commit([arrival(10)])).standings[0].cursor, 11);
      const after = await store.commit([arrival(5)]);
      assert.deepEqual([after.fresh, after.standings[0].cursor], [1, 11]);
      assert.deepEqual(await sequences('north', JOURNAL), [1, 5, 10, 11]);
    });

    test('a hole is given up only where it still is', async (context) => {
      const { store } = await open(context);
      const key = { device: 'north', journal: JOURNAL };
      await store.commit([arrival(1), arrival(4), arrival(8)]);
      assert.deepEqual(await store.giveUp(key, 3), { standing: { ...key, cursor: 1, highest: 8 }, hole: undefined });
      assert.deepEqual(await store.giveUp(key, 1), { standing: { ...key, cursor: 4, highest: 8 }, hole: [2, 3] });
      assert.deepEqual(await store.standings([key, { device: 'nobody', journal: JOURNAL }]), [
        { ...key, cursor: 4, highest: 8 },
      ]);
    });

    test('a new journal of a device begins anew beside the old one', async (context) => {
      const { store, sequences } = await open(context);
      const other = '00000000000000bb';
      await store.commit(upTo(2));
      const { standings } = await store.commit([arrival(1, { journal: other }), arrival(3)]);
      assert.deepEqual(standings.map(({ journal, cursor }) => [journal, cursor]).sort(), [
        [JOURNAL, 3],
        [other, 1],
      ]);
      assert.deepEqual(await sequences('north', other), [1]);
    });

    test('another event under a known number is kept as a dead letter, not dropped', async (context) => {
      const { store, body } = await open(context);
      await store.commit(upTo(2));
      const other = arrival(2, { time: NOW + 5 });
      const committed = await store.commit([other]);
      assert.equal(committed.fresh, 0);
      assert.equal(await body('north', JOURNAL, 2), arrival(2).body);
      const [letter] = await store.deadLetters(10);
      assert.equal(letter.payload.toString(), other.body);
      assert.match(letter.reason, /another event/);
    });

    test('dead letters are bounded, newest first, and cut', async (context) => {
      const { store } = await open(context);
      const refusal = (i: number): Parameters<EventStore['refuse']>[0][number] => ({
        topic: 'whorl/x/event',
        payload: Buffer.alloc(i === 0 ? 10_000 : 1, i),
        reason: `number ${i}`,
        at: NOW + i,
      });
      await store.refuse([refusal(0)]);
      const [cut] = await store.deadLetters(1);
      assert.deepEqual([cut.payload.length, cut.at, cut.reason], [4_096, NOW, 'number 0']);
      await store.refuse(Array.from({ length: MOST_DEAD_LETTERS + 5 }, (_, i) => refusal(i + 1)));
      const letters = await store.deadLetters(2 * MOST_DEAD_LETTERS);
      assert.equal(letters.length, MOST_DEAD_LETTERS);
      assert.equal(letters[0].reason, `number ${MOST_DEAD_LETTERS + 5}`);
    });

    test('any text a device may send is stored as it is', async (context) => {
      const { store, body } = await open(context);
      const odd = '\\ \t \n "quoted" \\N \\. ünïcödé 🚪 \u2028 \ud800';
      const event = { ...terminalEvent('north', JOURNAL, 1), subject: 'a\\b ü', data: { odd, nul: '\u0000' } };
      const read = readMessage(
        { topic: 'whorl/north/event', payload: Buffer.from(JSON.stringify(event)), late: true },
        NOW,
      );
      assert.ok(!isRefusal(read));
      await store.commit([read]);
      assert.equal(await body('north', JOURNAL, 1), read.body);
    });

    test('retention lets go of the old, whose numbers stay known', async (context) => {
      const { store, sequences } = await open(context);
      const old = Date.UTC(2026, 0, 10);
      const ancient = [1, 2].map((sequence) => arrival(sequence, { time: old }));
      await store.commit([...ancient, arrival(3)]);
      await store.prune(Date.UTC(2026, 3, 1));
      assert.deepEqual(await sequences('north', JOURNAL), [3]);
      const again = await store.commit(ancient);
      assert.deepEqual([again.fresh, again.standings[0].cursor], [0, 3]);
      assert.deepEqual(await sequences('north', JOURNAL), [3]);
    });

    test('two collectors at once: any order, any overlap, each event once, the cursor at the end', async (context) => {
      const { store, again, sequences } = await open(context);
      const other = await again();
      let device = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.boolean(), fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 20 })), {
            maxLength: 8,
          }),
          async (batches) => {
            const name = `d${++device}`;
            const made = (numbers: number[]): Arrival[] => numbers.map((number) => arrival(number, { device: name }));
            await Promise.all(batches.map(([first, numbers]) => (first ? store : other.store).commit(made(numbers))));
            const expected = [...new Set(batches.flatMap(([, numbers]) => numbers))].sort((a, b) => a - b);
            assert.deepEqual(await sequences(name, JOURNAL), expected);
            const [standing] = await store.standings([{ device: name, journal: JOURNAL }]);
            const firstMissing = expected.findIndex((number, i) => number !== i + 1);
            if (expected.length > 0) assert.equal(standing.cursor, firstMissing < 0 ? expected.length : firstMissing);
          },
        ),
        { numRuns: 30 },
      );
    });
  });
}
