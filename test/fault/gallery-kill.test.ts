import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { Gallery } from '../../device/gallery/gallery.ts';
import { encodeTemplate } from '../../device/gallery/template-codec.ts';
import { artificialTouch } from '../support/artificial-touch.ts';
import { scratch } from '../support/scratch.ts';

const ROUNDS = 100;
/** One round in five is killed before or while it opens the gallery, the others while they enrol and erase. */
const OPENING_ROUND = 5;
const child = join(import.meta.dirname, '../support/enrolling-child.ts');

/** Runs the child until it is killed at some instant. @returns the lines it wrote */
async function killedRun(path: string, key: Buffer, round: number): Promise<string[]> {
  const running = spawn(process.execPath, ['--import', 'tsx', child, path, key.toString('hex'), `${round}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(running, 'close');
  let output = '';
  let linesToCome = round % OPENING_ROUND === 0 ? Infinity : 1 + Math.floor(Math.random() * 30);
  const kill = (): void => void running.kill('SIGKILL');
  if (linesToCome === Infinity) setTimeout(kill, Math.random() * 800);
  running.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (linesToCome <= 0) return;
    linesToCome -= text.split('\n').length - 1;
    if (linesToCome <= 0) setTimeout(kill, Math.random() * 15);
  });
  assert.deepEqual(await closed, [null, 'SIGKILL'], 'the child ended by itself');
  // The last piece is either empty or a line that was not finished.
  return output.split('\n').slice(0, -1);
}

test(`SIGKILL at ${ROUNDS} random instants of enrolments and erasures`, async (context) => {
  const path = join(scratch(context), 'gallery.db');
  const key = randomBytes(32);
  const promised = new Set<string>();
  const erased = new Set<string>();
  let enrolments = 0;
  let unannounced = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (const line of await killedRun(path, key, round)) {
      const [what, id] = line.split(' ');
      if (what === 'enrolled') {
        promised.add(id);
        enrolments++;
      } else if (what === 'erasing') promised.delete(id);
      else if (what === 'erased') erased.add(id);
    }
    if (!existsSync(path)) continue;
    const gallery = Gallery.open({ path, key });
    const { people, damaged } = gallery.contents();
    const buried = new Set(gallery.tombstones().map(({ id }) => id));
    gallery.close();
    assert.deepEqual(damaged, []);
    for (const id of promised)
      assert.ok(
        people.some((person) => person.id === id && person.fingers.length === 1),
        `round ${round}: the enrolment of ${id} is lost`,
      );
    for (const id of erased) assert.ok(buried.has(id), `round ${round}: the erasure of ${id} is lost`);
    for (const { id, name, fingers } of people) {
      assert.ok(!buried.has(id), `round ${round}: ${id} is erased and here`);
      for (const { templates } of fingers)
        assert.deepEqual(
          templates.map(({ template }) => encodeTemplate(template)),
          [0, 1, 2].map((touch) => encodeTemplate(artificialTouch(name, touch))),
          `round ${round}: the enrolment of ${id} is half written`,
        );
      if (fingers.length === 1 && !promised.has(id)) {
        // Committed, but killed before it could say so: from now on it must stay.
        unannounced++;
        promised.add(id);
      }
    }
    const database = new Database(path);
    assert.equal(database.pragma('integrity_check', { simple: true }), 'ok');
    database.close();
  }
  context.diagnostic(`${enrolments} enrolments, ${erased.size} erasures, ${unannounced} committed unannounced`);
  assert.ok(enrolments > ROUNDS && erased.size > ROUNDS / 10, 'too little happened to prove anything');
});
