import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { TerminalEvent } from '../../device/events/event.ts';
import { drawFolder } from '../support/artificial-folder.ts';
import { Collector } from '../support/collector.ts';
import { Program } from '../support/program.ts';
import { scratch } from '../support/scratch.ts';
import { ShakyBroker } from '../support/shaky-broker.ts';
import { writeTinyNetworks } from '../support/tiny-models.ts';

const KILLS = 4;
const FINGERS = 4;
const DRAWN = 8;
const TOUCHES = 200;
const PATIENCE_MS = 60_000;
const JUDGED = /^\d\d:\d\d:\d\d {2}(granted|denied)/;
const INTERRUPTED = /^\d\d:\d\d:\d\d {2}retry.*that was interrupted, touch again/;

/** A terminal before a folder of prints, with models of its own; and everything that it reports. */
async function start(
  context: TestContext,
  touches: number,
  damage: (models: string) => void = () => undefined,
): Promise<{ terminal: Program; collector: Collector }> {
  const directory = scratch(context);
  const [prints, models] = [join(directory, 'prints'), join(directory, 'models')];
  mkdirSync(prints);
  await drawFolder(prints, FINGERS, DRAWN);
  // The same touches again and again: enough of them for as long as the test takes.
  for (let finger = 1; finger <= FINGERS; finger++)
    for (let number = DRAWN + 1; number <= TOUCHES; number++)
      copyFileSync(join(prints, `${finger}_${(number % DRAWN) + 1}.png`), join(prints, `${finger}_${number}.png`));
  await writeTinyNetworks(models);
  damage(models);
  const broker = await ShakyBroker.open(context);
  const collector = await Collector.open(broker.url);
  context.after(() => collector.close());
  process.env.WHORL_MODELS = models;
  context.after(() => {
    delete process.env.WHORL_MODELS;
  });
  const terminal = Program.whorl(
    context,
    ...['start', '--sensor', `folder:${prints}`, '--state', join(directory, 'state')],
    ...['--broker', broker.url, '--touches', String(touches)],
  );
  return { terminal, collector };
}

/** The terminal's inference process, while there is one. */
function inferenceOf(terminal: Program): number | undefined {
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    try {
      const [, ppid] = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${entry}/status`, 'utf8')) ?? [];
      if (Number(ppid) !== terminal.pid) continue;
      if (readFileSync(`/proc/${entry}/cmdline`, 'utf8').includes('inference-process')) return Number(entry);
    } catch {
      // It ended while it was looked at.
    }
  return undefined;
}

async function until<T>(find: () => T | undefined, what: string): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${PATIENCE_MS} ms`);
    await pause(5);
  }
}

const count = (lines: readonly string[], pattern: RegExp): number => lines.filter((line) => pattern.test(line)).length;
const typesOf = (events: readonly TerminalEvent[]): string[] => events.map(({ type }) => type);

test('the inference process killed under a touch: a clear retry, and the next touch is judged', async (context) => {
  const { terminal, collector } = await start(context, 10_000);
  await terminal.until(JUDGED);
  const waits: number[] = [];
  for (let kill = 1; kill <= KILLS; kill++) {
    const pid = await until(() => inferenceOf(terminal), 'an inference process');
    // It stands still, so that a touch is under way in it when it dies.
    process.kill(pid, 'SIGSTOP');
    await pause(500);
    const judged = count(terminal.lines, JUDGED);
    process.kill(pid, 'SIGKILL');
    const begin = Date.now();
    await until(() => (count(terminal.lines, INTERRUPTED) >= kill ? true : undefined), `retry ${kill}`);
    await until(() => (count(terminal.lines, JUDGED) > judged ? true : undefined), `a judged touch after kill ${kill}`);
    waits.push(Date.now() - begin);
    // Until its successor has proven its models, touches are judged without them: there is nothing to interrupt.
    await collector.until(({ events }) => count(typesOf(events), /models.ready/) > kill, PATIENCE_MS);
  }
  await terminal.kill('SIGINT');
  assert.ok(terminal.lines.some((line) => line.startsWith('models: backbone on cpu')));
  await collector.until(({ events }) => events.some(({ type }) => type === 'whorl.terminal.stopped'), PATIENCE_MS);
  const told = typesOf(collector.events).filter((type) => type.startsWith('whorl.models.'));
  assert.equal(told[0], 'whorl.models.ready');
  assert.ok(told.filter((type) => type === 'whorl.models.degraded').length >= KILLS, told.join());
  assert.deepEqual(
    collector.events.filter(({ type }) => type === 'whorl.touch.failed').map(({ data }) => data),
    [],
  );
  context.diagnostic(`judged again ${waits.join(', ')} ms after each kill`);
});

test('a damaged model: the terminal says so, and goes on without it', async (context) => {
  const { terminal, collector } = await start(context, 8, (models) => {
    truncateSync(join(models, 'backbone.onnx'), 1_000);
  });
  assert.equal(await terminal.exit(), 0, terminal.errors.join('\n'));
  assert.ok(count(terminal.lines, /granted/) >= 3, terminal.lines.join('\n'));
  assert.ok(terminal.lines.some((line) => line.includes('backbone not used (inference.wrong-hash')));
  await collector.until(({ events }) => events.some(({ type }) => type === 'whorl.terminal.stopped'), PATIENCE_MS);
  const degraded = collector.events.filter(({ type }) => type === 'whorl.models.degraded');
  assert.deepEqual(
    degraded.map(({ data }) => (data as { code: string }).code),
    ['inference.wrong-hash'],
  );
});
