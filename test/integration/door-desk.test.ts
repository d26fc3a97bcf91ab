import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { askTerminal, openControlSocket } from '../../device/control-socket.ts';
import type { DoorStatus } from '../../device/door/door.ts';
import { DoorDesk } from '../../device/door-desk.ts';
import { WhorlError } from '../../device/errors.ts';
import type { Report } from '../../device/events/event.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { scratch } from '../support/scratch.ts';
import { simulatedDoor, type SimulatedDoor } from '../support/simulated-door.ts';

const PULSE_MS = 3_000;

interface Desk extends SimulatedDoor {
  readonly clock: ManualClock;
  readonly state: string;
  readonly reports: Report[];
  readonly ask: (request: object) => Promise<DoorStatus>;
}

async function openDesk(
  context: TestContext,
  { state = scratch(context), commit }: { state?: string; commit?: (report: Report) => void } = {},
): Promise<Desk> {
  const clock = new ManualClock();
  const simulated = await simulatedDoor(clock);
  const reports: Report[] = [];
  const desk = new DoorDesk({
    ...{ door: simulated.door, pulseMs: PULSE_MS, state },
    commit: commit ?? ((report) => reports.push(report)),
  });
  const close = await openControlSocket(state, (request) => desk.answer(request));
  context.after(close);
  const ask = async (request: object): Promise<DoorStatus> => (await askTerminal(state, request)) as DoorStatus;
  return { ...simulated, clock, state, reports, ask };
}

const isError = (code: string) => (error: unknown) => error instanceof WhorlError && error.code === code;
const by = (command: string, more: object = {}): object => ({ command, operator: 'ada', ...more });

describe('operators’ orders over the control socket', () => {
  test('each order is an event that names the operator, and does what it says', async (context) => {
    const { ask, board, clock, reports } = await openDesk(context);
    assert.equal((await ask({ command: 'door.status' })).phase, 'closed');
    assert.deepEqual(reports, [], 'to ask is no order');

    assert.equal((await ask(by('door.open'))).unlocked, true);
    await clock.advance(PULSE_MS - 1);
    assert.equal(board.released, true);
    await clock.advance(1);
    assert.equal(board.released, false);
    await ask(by('door.open', { ms: 500 }));
    await clock.advance(500);
    assert.equal(board.released, false);

    assert.equal((await ask(by('door.open', { hold: true }))).mode, 'unlocked');
    await clock.advance(3_600_000);
    assert.equal(board.released, true);
    assert.equal((await ask(by('door.lock'))).mode, 'normal');
    assert.equal(board.released, false);

    assert.equal((await ask(by('door.lockdown'))).mode, 'lockdown');
    await assert.rejects(ask(by('door.open')), isError('door.locked-down'));
    await ask(by('door.open', { hold: true }));
    assert.equal(board.released, false, 'a lockdown is stronger than an operator');
    await ask(by('door.lock'));
    assert.equal((await ask(by('door.lockdown', { end: true }))).mode, 'normal');
    await ask(by('door.test'));
    assert.equal(board.released, false);

    assert.deepEqual(
      reports.map(({ type, data }) => [type, data]),
      [
        ...['open', 'open', 'open --hold', 'lock', 'lockdown', 'open', 'open --hold', 'lock', 'lockdown --end', 'test'],
      ].map((command) => ['whorl.door.commanded', { operator: 'ada', command }]),
    );
  });

  test('an order whose event no disk takes moves nothing', async (context) => {
    const { ask, board, state } = await openDesk(context, {
      commit: () => {
        throw new WhorlError('events.disk', 'the disk is full');
      },
    });
    for (const request of [by('door.open'), by('door.open', { hold: true }), by('door.lockdown')])
      await assert.rejects(ask(request), isError('events.disk'));
    assert.equal(board.released, false);
    assert.equal(existsSync(join(state, 'lockdown')), false);
  });

  test('a lockdown outlives its terminal until it is ended; what lets people in does not', async (context) => {
    const first = await openDesk(context);
    await first.ask(by('door.open', { hold: true }));
    await first.ask(by('door.lockdown'));
    const state = scratch(context);
    const second = await openDesk(context, { state });
    await second.ask(by('door.open', { hold: true }));
    await second.door.close();

    const again = await openDesk(context, { state: first.state });
    assert.equal((await again.ask({ command: 'door.status' })).mode, 'lockdown');
    assert.equal((await again.ask(by('door.lockdown', { end: true }))).mode, 'normal');
    const afterwards = await openDesk(context, { state: first.state });
    assert.equal((await afterwards.ask({ command: 'door.status' })).mode, 'normal');
    assert.equal(afterwards.board.released, false);
    const other = await openDesk(context, { state });
    assert.equal((await other.ask({ command: 'door.status' })).mode, 'normal');
  });

  test('what is no order is refused with words, and changes nothing', async (context) => {
    const { ask, board, reports, state } = await openDesk(context);
    for (const request of [
      { command: 'door.open' },
      { command: 'door.open', operator: '' },
      by('door.explode'),
      by('door.open', { forever: true }),
      by('door.lockdown', { end: 'yes' }),
    ])
      await assert.rejects(ask(request), isError('control.bad-request'));
    for (const ms of [0, -1, 499, 60_001, 1e12])
      await assert.rejects(ask(by('door.open', { ms })), isError('door.bad-pulse'));
    for (const line of ['\n', '[]\n', '{"command":\n', '\u0000\n', `${'x'.repeat(70_000)}\n`, 'x'.repeat(70_000)])
      assert.match(await raw(state, line), /"control\.bad-request"/);
    assert.equal(board.released, false);
    assert.ok(reports.every(({ type }) => type === 'whorl.door.commanded'));
  });

  test('nobody but the owner may use the socket, and where no terminal runs the order says so', async (context) => {
    const { state } = await openDesk(context);
    assert.equal(statSync(join(state, 'control.sock')).mode & 0o777, 0o600);
    await assert.rejects(askTerminal(scratch(context), { command: 'door.status' }), isError('control.no-terminal'));
    const deep = join(scratch(context), 'x'.repeat(110));
    await assert.rejects(askTerminal(deep, { command: 'door.status' }), isError('control.unusable'));
  });
});

/** What is answered to a line as it is. */
async function raw(state: string, line: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(join(state, 'control.sock'), () => socket.write(line));
    socket.on('data', (bytes) => (text += bytes.toString()));
    socket.once('error', reject).once('close', () => {
      resolve(text);
    });
  });
}
