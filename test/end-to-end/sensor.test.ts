import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { exchangeSensor, spendMorning, timeUpload } from '../support/sensor-scenes.ts';
import { skipWithoutSocat } from '../support/socat.ts';

describe('a simulated module at a port of its own', { skip: skipWithoutSocat() }, () => {
  test('people enrol at it, then touch and are told apart', async (context) => {
    const { enrolled, granted, decided, wrong } = await spendMorning(context, 'r503', 6);
    assert.equal(enrolled, 3);
    assert.equal(wrong, 0);
    assert.ok(granted >= 1 && decided >= 4, `${granted} granted, ${decided} decided`);
  });

  test('an R307 sends its picture as fast as its rate allows', async (context) => {
    const slow = await timeUpload(context, 'r307', 57_600);
    const fast = await timeUpload(context, 'r307', 115_200);
    assert.ok(slow > 6_400 && fast > 3_200 && fast < slow, `${slow} ms and ${fast} ms`);
  });

  test('another sensor in its place is refused and reported until a technician accepts it', async (context) => {
    const { servedAfter, ...told } = await exchangeSensor(context);
    assert.deepEqual(told, { paired: 'AAAA0001', found: 'BBBB0002', servedBefore: 0, accepted: 'BBBB0002' });
    assert.ok(servedAfter >= 1);
  });
});
