import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { DoorStatus } from '../../device/door/door.ts';
import { Collector } from '../support/collector.ts';
import { Program } from '../support/program.ts';
import { scratch } from '../support/scratch.ts';
import { ShakyBroker } from '../support/shaky-broker.ts';

interface Answer {
  readonly status: number | undefined;
  readonly lines: readonly string[];
  readonly errors: readonly string[];
}

test('whorl door: an operator asks, opens, locks, locks down and tests, and each order is an event with their name', async (context) => {
  const broker = await ShakyBroker.open(context);
  const collector = await Collector.open(broker.url);
  context.after(() => collector.close());
  const state = join(scratch(context), 'state');
  const door = (...words: string[]): Promise<Answer> => run(context, 'door', ...words, '--state', state);
  const asProgram = async (...words: string[]): Promise<DoorStatus> => {
    const { status, lines, errors } = await run(context, '--json', 'door', ...words, '--state', state);
    assert.equal(status, 0, errors.join('\n'));
    return JSON.parse(lines.join('\n')) as DoorStatus;
  };

  const early = await door('open');
  assert.equal(early.status, 1);
  assert.match(early.errors.join('\n'), /control\.no-terminal/);

  const terminal = Program.whorl(
    context,
    ...['start', '--state', state, '--sensor', 'nb1010:nobody', '--broker', broker.url],
  );
  await collector.until(({ events }) => events.some(({ type }) => type === 'whorl.terminal.started'), 60_000);

  assert.match((await door('status')).lines.join('\n'), /locked[^]*normal[^]*answers/);
  assert.equal((await asProgram('open', '--operator', 'ada')).phase, 'unlocking');
  assert.equal((await asProgram('open', '--hold', '--operator', 'ada')).mode, 'unlocked');
  assert.equal((await asProgram('lock')).unlocked, false);
  assert.match((await door('lockdown', '--operator', 'bob')).lines.join('\n'), /locked down/);
  const refused = await door('open', '--for', '2', '--operator', 'ada');
  assert.equal(refused.status, 1);
  assert.match(refused.errors.join('\n'), /door\.locked-down/);
  assert.equal((await asProgram('lockdown', '--end', '--operator', 'bob')).mode, 'normal');
  assert.equal((await asProgram('test', '--operator', 'bob')).unlocked, false);
  assert.equal((await door('open', '--for', 'ever')).status, 2);

  await terminal.kill('SIGTERM');
  assert.equal(await terminal.exit(), 0, terminal.errors.join('\n'));
  await collector.until(({ events }) => events.some(({ type }) => type === 'whorl.terminal.stopped'));
  const orders = collector.events.flatMap((event) => (event.type === 'whorl.door.commanded' ? [event.data] : []));
  const user = process.env.SUDO_USER ?? userInfo().username;
  assert.deepEqual(
    orders.map(({ operator, command }) => `${operator}: ${command}`),
    [
      ...['ada: open', 'ada: open --hold', `${user}: lock`, 'bob: lockdown', 'ada: open'],
      ...['bob: lockdown --end', 'bob: test'],
    ],
  );
});

async function run(context: TestContext, ...words: string[]): Promise<Answer> {
  const program = Program.whorl(context, ...words);
  const status = await program.exit();
  return { status, lines: program.lines, errors: program.errors };
}
