import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { TerminalEvent } from '../../device/events/event.ts';
import type { Health } from '../../device/health.ts';
import { drawFolder } from '../support/artificial-folder.ts';
import { realData, skipWithout } from '../support/data.ts';
import { Mosquitto, skipWithoutMosquitto } from '../support/mosquitto.ts';
import { Program } from '../support/program.ts';
import { scratch } from '../support/scratch.ts';

// mosquitto_sub acknowledges nothing but the broker's messages.
process.env.WHORL_EVENTS_ACKNOWLEDGED_BY = 'broker';

const EVENT_LINE = /^whorl\/door-1\/event (?<body>\{.*)$/;

function eventsOf({ lines }: Program): TerminalEvent[] {
  return lines
    .map((line) => EVENT_LINE.exec(line)?.groups?.body)
    .filter((body) => body !== undefined)
    .map((body) => JSON.parse(body) as TerminalEvent);
}

function statesOf({ lines }: Program): string[] {
  return lines.filter((line) => line.startsWith('whorl/door-1/state ')).map((line) => line.slice(19));
}

async function untilCount(subscriber: Program, type: string, count: number): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (eventsOf(subscriber).filter((event) => event.type === type).length < count) {
    if (Date.now() > deadline) throw new Error(`${type} did not come ${count} times`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function artificialPrints(context: TestContext, fingers: number, impressions: number): Promise<string> {
  const folder = join(scratch(context), 'prints');
  mkdirSync(folder);
  await drawFolder(folder, fingers, impressions);
  return folder;
}

/** Twenty touches of a folder: what the terminal says and what a client of a foreign broker receives are the same. */
async function twentyTouches(context: TestContext, folder: string): Promise<void> {
  const directory = scratch(context);
  const broker = await Mosquitto.open(context, directory);
  const subscriber = await broker.subscribe();
  const terminal = Program.whorl(
    context,
    ...['start', '--sensor', `folder:${folder}`, '--touches', '20', '--broker', broker.url],
    ...['--state', join(directory, 'state'), '--json'],
  );
  assert.equal(await terminal.exit(), 0, terminal.errors.join('\n'));
  const result = JSON.parse(terminal.lines.join('\n')) as {
    ending: string;
    granted: number;
    denied: number;
    retry: number;
    falseAccepts: number;
    falseRejects: number;
    touches: { kind: string; person?: { id: string } }[];
    events: { published: number; acknowledged: number; waiting: number };
  };
  assert.equal(result.ending, 'touches-done');
  assert.equal(result.touches.length, 20);
  assert.equal(result.falseAccepts, 0);
  assert.ok(result.granted >= 5 && result.denied >= 1, `${result.granted} granted, ${result.denied} denied`);
  assert.equal(result.events.waiting, 0);

  await untilCount(subscriber, 'whorl.terminal.stopped', 1);
  const events = eventsOf(subscriber);
  assert.equal(events.length, result.events.acknowledged);
  assert.deepEqual(
    events.map(({ sequence }) => Number(sequence)),
    events.map((_, index) => index + 1),
  );
  const touches = events.filter(({ type }) => type.startsWith('whorl.touch.'));
  assert.deepEqual(
    touches.map(({ type, subject }) => [type, subject]),
    result.touches.map(({ kind, person }) => [`whorl.touch.${kind}`, person?.id]),
  );
  for (const [index, { type }] of events.entries())
    if (type === 'whorl.door.unlocked') assert.equal(events[index - 1].type, 'whorl.touch.granted');
  const states = statesOf(subscriber);
  const health = subscriber.lines
    .filter((line) => line.startsWith('whorl/door-1/health '))
    .map((line) => JSON.parse(line.slice('whorl/door-1/health '.length)) as Health);
  // At the end its door is closed and its board let go.
  const atWork = health.find(({ door }) => door.board === 'ready');
  assert.equal(atWork?.broker.protocol, '5');
  assert.ok(Object.keys(atWork.models.models).length > 0);
  assert.ok(atWork.figures.outbox.last > 0 && atWork.figures.diskFreeBytes > 0);
  assert.match(states[0], /"ready"/);
  assert.match(states.at(-1) ?? '', /"disconnected"/);
  context.diagnostic(
    `${result.granted} granted, ${result.denied} denied, ${result.retry} retries, ${result.falseRejects} false rejects, ${events.length} events`,
  );
}

describe('whorl start', { skip: skipWithoutMosquitto() }, () => {
  test('twenty artificial touches reach a client of mosquitto as events', async (context) => {
    await twentyTouches(context, await artificialPrints(context, 4, 9));
  });

  test('twenty real touches do too', { skip: skipWithout('images/uareu') }, async (context) => {
    await twentyTouches(context, realData('images/uareu') ?? '');
  });

  test('the broker dies among the touches and returns: every event comes', async (context) => {
    const directory = scratch(context);
    const broker = await Mosquitto.open(context, directory);
    const subscriber = await broker.subscribe();
    const folder = await artificialPrints(context, 3, 8);
    const terminal = Program.whorl(
      context,
      ...['start', '--sensor', `folder:${folder}`, '--broker', broker.url, '--state', join(directory, 'state')],
    );
    await terminal.until(/granted|denied/);
    await broker.stop();
    const before = eventsOf(subscriber).length;
    await new Promise((resolve) => setTimeout(resolve, 500));
    await broker.start();
    assert.equal(await terminal.exit(), 0, terminal.errors.join('\n'));
    await untilCount(subscriber, 'whorl.terminal.stopped', 1);
    const sequences = new Set(eventsOf(subscriber).map(({ sequence }) => Number(sequence)));
    assert.deepEqual(
      [...sequences].sort((a, b) => a - b),
      Array.from({ length: sequences.size }, (_, index) => index + 1),
    );
    assert.ok(sequences.size > before);
    assert.ok(terminal.errors.some((line) => line.includes('the broker cannot be reached')));
  });

  test('a broker that never comes: the touches are served, the events kept, the next run delivers them', async (context) => {
    const directory = scratch(context);
    const broker = await Mosquitto.open(context, directory);
    await broker.stop();
    const folder = await artificialPrints(context, 2, 6);
    const start = (): Program =>
      Program.whorl(
        context,
        ...['start', '--sensor', `folder:${folder}`, '--broker', broker.url, '--touches', '2'],
        ...['--state', join(directory, 'state')],
      );
    const alone = start();
    assert.equal(await alone.exit(), 1);
    assert.ok(alone.errors.some((line) => line.includes('events.not-drained')));
    await broker.start();
    const subscriber = await broker.subscribe();
    const again = start();
    assert.equal(await again.exit(), 0, again.errors.join('\n'));
    await untilCount(subscriber, 'whorl.terminal.stopped', 2);
    const events = eventsOf(subscriber);
    assert.deepEqual(
      events.map(({ sequence }) => Number(sequence)),
      events.map((_, index) => index + 1),
    );
    assert.equal(events.filter(({ type }) => type === 'whorl.person.enrolled').length, 2);
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    test(`${signal} ends it cleanly: door locked, farewell said, status 0`, async (context) => {
      const directory = scratch(context);
      const broker = await Mosquitto.open(context, directory);
      const subscriber = await broker.subscribe();
      const state = join(directory, 'state');
      const terminal = Program.whorl(context, 'start', '--broker', broker.url, '--state', state);
      await terminal.until(/granted|denied|retry/);
      await terminal.kill(signal);
      assert.equal(await terminal.exit(), 0, terminal.errors.join('\n'));
      await untilCount(subscriber, 'whorl.terminal.stopped', 1);
      const events = eventsOf(subscriber);
      const last = events.at(-1);
      assert.ok(last?.type === 'whorl.terminal.stopped' && last.data.reason === 'asked');
      const door = events.filter(({ type }) => type.startsWith('whorl.door.'));
      assert.notEqual(door.at(-1)?.type, 'whorl.door.unlocked');
      assert.match(statesOf(subscriber).at(-1) ?? '', /"disconnected"/);
      // WAL files are gone: the databases were closed, not abandoned.
      assert.deepEqual(readdirSync(state).sort(), [
        'clock.json',
        'gallery.key',
        'gallery.sqlite',
        'outbox.sqlite',
        'terminal.lock',
      ]);
    });
});
