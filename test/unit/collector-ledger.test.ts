import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Ledger } from '../../fleet/collector/ledger.ts';
import { Ranges } from '../../fleet/collector/ranges.ts';

const number = fc.integer({ min: 1, max: 60 });
const run = fc.tuple(number, fc.integer({ min: 0, max: 8 })).map(([first, more]) => [first, first + more] as const);

describe('ledger of a journal', () => {
  test('ranges are a set: whatever is added, in whatever order', () => {
    fc.assert(
      fc.property(fc.array(run), (runs) => {
        const ranges = new Ranges();
        const plain = new Set<number>();
        for (const [first, last] of runs) {
          ranges.add(first, last);
          for (let i = first; i <= last; i++) plain.add(i);
        }
        for (let i = 0; i <= 70; i++) assert.equal(ranges.around(i) !== undefined, plain.has(i));
        // Sorted, apart from each other: the shortest way to write the set.
        for (const [i, [first]] of ranges.runs.entries()) if (i > 0) assert.ok(first > ranges.runs[i - 1][1] + 1);
      }),
    );
  });

  test('every number is new once, and the cursor is the end of what is stored or lost from the first on', () => {
    const step = fc.oneof(
      number.map((sequence) => ({ sequence })),
      run.map(([first, last]) => ({ first, last })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        let ledger = new Ledger();
        const [stored, lost] = [new Set<number>(), new Set<number>()];
        for (const one of steps) {
          if ('sequence' in one) {
            assert.equal(ledger.take(one.sequence), stored.has(one.sequence) ? 'known' : 'new');
            stored.add(one.sequence);
          } else {
            ledger.lose(one.first, one.last);
            for (let i = one.first; i <= one.last; i++) lost.add(i);
          }
          let cursor = 0;
          while (stored.has(cursor + 1) || lost.has(cursor + 1)) cursor++;
          assert.equal(ledger.cursor, cursor);
          assert.equal(ledger.highest, Math.max(0, ...stored));
          // As a store would read it again.
          ledger = new Ledger(ledger.record);
        }
      }),
    );
  });

  test('a device that sends every other number fills no store', () => {
    const ledger = new Ledger();
    const takings = Array.from({ length: 5_000 }, (_, i) => ledger.take(2 * i + 2));
    assert.equal(takings.filter((taking) => taking === 'new').length, 1_000);
    assert.equal(ledger.take(1), 'new');
    assert.equal(ledger.cursor, 2);
    // It may go on as soon as it fills its holes.
    for (let next = 3; next < 10_000; next = ledger.cursor + 1) assert.notEqual(ledger.take(next), 'crowded');
    assert.equal(ledger.cursor, 9_999);
  });

  test('a long life of counted losses does not end in a full ledger', () => {
    const ledger = new Ledger();
    let at = 0;
    for (let i = 0; i < 3_000; i++) {
      ledger.lose(at + 1, at + 5);
      assert.equal(ledger.take(at + 6), 'new');
      at += 6;
      assert.equal(ledger.cursor, at);
    }
    assert.ok(ledger.record.stored.length <= 1_000);
  });
});
