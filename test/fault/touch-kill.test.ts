import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../../models/synthesis/random.ts';
import { drawFolder } from '../support/artificial-folder.ts';
import { Collector } from '../support/collector.ts';
import { Program } from '../support/program.ts';
import { scratch } from '../support/scratch.ts';
import { ShakyBroker } from '../support/shaky-broker.ts';

const KILLS = 100;
const TOUCH_LINE = /^\d\d:\d\d:\d\d {2}(granted|denied|retry|failed)/;

test(`${KILLS} times killed during touches: no committed event is lost, none comes twice under two ids`, async (context) => {
  const prints = join(scratch(context), 'prints');
  const state = join(scratch(context), 'state');
  mkdirSync(prints);
  await drawFolder(prints, 4, 12);
  const broker = await ShakyBroker.open(context);
  const collector = await Collector.open(broker.url);
  context.after(() => collector.close());
  const random = new Random(7);
  const start = (touches: number, seed: number): Program =>
    Program.whorl(
      context,
      ...['start', '--sensor', `folder:${prints}`, '--state', state, '--broker', broker.url],
      ...['--touches', String(touches), '--seed', String(seed)],
    );

  const first = start(1, 0);
  assert.equal(await first.exit(), 0, first.errors.join('\n'));
  let told = first.lines.filter((line) => TOUCH_LINE.test(line)).length;
  let midway = 0;
  for (let round = 1; round <= KILLS; round++) {
    const terminal = start(1_000, round);
    // Every fifth dies somewhere on its way up, the others at any instant among their touches.
    if (round % 5 === 0) await pause(random.between(0, 1_500));
    else {
      await terminal.until(TOUCH_LINE);
      await pause(random.between(0, 400));
    }
    await terminal.kill('SIGKILL');
    const touches = terminal.lines.filter((line) => TOUCH_LINE.test(line)).length;
    if (touches > 0) midway++;
    told += touches;
  }
  const last = start(1, KILLS + 1);
  assert.equal(await last.exit(), 0, last.errors.join('\n'));
  told += last.lines.filter((line) => TOUCH_LINE.test(line)).length;

  const isLast = ({ type }: { type: string }): boolean => type === 'whorl.terminal.stopped';
  await collector.until(({ events }) => events.filter(isLast).length >= 2);
  const byId = new Map(collector.events.map((event) => [event.id, event]));
  const events = [...byId.values()].sort((a, b) => Number(a.sequence) - Number(b.sequence));
  assert.deepEqual(
    events.map(({ sequence }) => Number(sequence)),
    events.map((_, index) => index + 1),
    'a hole, or one number under two ids',
  );
  assert.equal(new Set(events.map(({ journal }) => journal)).size, 1, 'the outbox was made anew');
  for (const event of collector.events) assert.deepEqual(event, byId.get(event.id), 'a repetition differs');

  // What the screen had said before the kill was on disk, and the door never moved before its event.
  const touches = events.filter(({ type }) => type.startsWith('whorl.touch.'));
  assert.ok(touches.length >= told, `${touches.length} touches arrived, ${told} were shown`);
  for (const [index, { type }] of events.entries())
    if (type === 'whorl.door.unlocked') assert.equal(events[index - 1].type, 'whorl.touch.granted');
  assert.ok(midway > KILLS / 2, `only ${midway} of ${KILLS} were killed among their touches`);
  context.diagnostic(
    `${KILLS} kills, ${midway} among touches; ${events.length} events, ${collector.events.length - events.length} repeated`,
  );
});
