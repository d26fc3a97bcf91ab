import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import Database from 'better-sqlite3';
import { removeCopies, type SchemaStep, takeSteps } from '../../device/schema-steps.ts';
import { scratch } from '../support/scratch.ts';

const newer = (layout: number): Error => new Error(`layout ${layout} is newer`);
const first: SchemaStep = 'CREATE TABLE thing (name TEXT) STRICT';
const second: SchemaStep = (database) => {
  database.exec('ALTER TABLE thing ADD COLUMN length INTEGER');
  database.prepare('UPDATE thing SET length = length(name)').run();
};

function database(context: TestContext, path: string): Database.Database {
  const opened = new Database(path);
  context.after(() => opened.close());
  opened.pragma('journal_mode = WAL');
  return opened;
}

test('an older database is copied, then brought up step by step', (context) => {
  const path = join(scratch(context), 'things.sqlite');
  const old = database(context, path);
  takeSteps(old, [first], newer);
  assert.deepEqual(
    readdirSync(join(path, '..')).filter((name) => name.includes('backup')),
    [],
  );
  old.prepare("INSERT INTO thing VALUES ('whorl')").run();
  takeSteps(old, [first, second], newer);
  takeSteps(old, [first, second], newer);
  assert.deepEqual(old.prepare('SELECT * FROM thing').all(), [{ name: 'whorl', length: 5 }]);
  const copy = `${path}.layout-1.backup`;
  assert.equal(statSync(copy).mode & 0o777, 0o600);
  const before = database(context, copy);
  assert.equal(before.pragma('user_version', { simple: true }), 1);
  assert.deepEqual(before.prepare('SELECT * FROM thing').all(), [{ name: 'whorl' }]);
  // An older Whorl refuses the new file and takes the copy.
  assert.throws(() => {
    takeSteps(old, [first], newer);
  }, /layout 2 is newer/);
  takeSteps(before, [first], newer);
  removeCopies(path);
  assert.equal(existsSync(copy), false);
  assert.equal(existsSync(path), true);
});

test('a step that fails leaves the file as it was, and its copy beside it', (context) => {
  const path = join(scratch(context), 'things.sqlite');
  const old = database(context, path);
  takeSteps(old, [first], newer);
  const broken: SchemaStep = (it) => {
    it.exec('ALTER TABLE thing ADD COLUMN length INTEGER');
    throw new Error('the power failed');
  };
  assert.throws(() => {
    takeSteps(old, [first, broken], newer);
  }, /the power failed/);
  assert.equal(old.pragma('user_version', { simple: true }), 1);
  assert.deepEqual(old.pragma('table_info(thing)'), [
    { cid: 0, name: 'name', type: 'TEXT', notnull: 0, dflt_value: null, pk: 0 },
  ]);
  takeSteps(old, [first, second], newer);
});

test('two that open the same old file at once', (context) => {
  const path = join(scratch(context), 'things.sqlite');
  const [one, other] = [database(context, path), database(context, path)];
  takeSteps(one, [first], newer);
  const quicker: SchemaStep = () => {
    throw new Error('must not be taken twice');
  };
  // The other has read layout 1 by the time the first has stepped on.
  const slow = new Proxy(other, {
    get(target, key) {
      if (key === 'transaction') takeSteps(one, [first, second], newer);
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  takeSteps(slow, [first, quicker], newer);
  assert.equal(other.pragma('user_version', { simple: true }), 2);
  assert.deepEqual(
    readdirSync(join(path, '..')).filter((name) => name.includes('backup')),
    ['things.sqlite.layout-1.backup'],
  );
});
