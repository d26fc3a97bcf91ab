import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LAPTOP, PHONE, skipWithoutChromium, Technician } from '../support/browser.ts';
import { skipWithoutRig } from '../support/door-rig.ts';
import { plainTraces, ProvisioningBoard } from '../support/provisioning-board.ts';
import {
  checkReport,
  lookAround,
  lookingAt,
  provision,
  refuseKnownFinger,
  type Walk,
} from '../support/provisioning-scenes.ts';

describe('the technician’s page in a real browser', { skip: skipWithoutChromium() || skipWithoutRig() }, () => {
  test('by keys alone from the first visit to the signed report, then staff by a phone', async (context) => {
    const board = await ProvisioningBoard.open(context);
    const walk: Walk = { faults: [], misfits: [] };
    const technician = await Technician.open(context, board.url, LAPTOP);
    await provision(technician, board, lookingAt(technician, walk));
    assert.deepEqual(checkReport(board), { steps: 10, failed: 0, operator: 'Tess Technician' });

    const phone = await Technician.open(context, board.url, PHONE);
    const look = lookingAt(phone, walk);
    await lookAround(phone, board, look);
    await refuseKnownFinger(phone, board, look);
    assert.deepEqual(walk, { faults: [], misfits: [] });
    await board.program.kill('SIGINT');
    assert.deepEqual(plainTraces(board.state, ['Amara', 'Bao']), []);
  });
});
