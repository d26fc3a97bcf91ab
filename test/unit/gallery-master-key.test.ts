import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeMasterKey, readMasterKey } from '../../device/gallery/master-key.ts';
import { coded } from '../support/gallery.ts';
import { scratch } from '../support/scratch.ts';

const FILE = { keeper: 'file' } as const;

test('a key is made once, for its owner alone, and never written over', (context) => {
  const directory = scratch(context);
  const path = join(directory, 'master.key');
  assert.equal(makeMasterKey(path, FILE)?.keeper, 'file');
  const key = readMasterKey(path);
  assert.equal(key.length, 32);
  assert.deepEqual(key, readFileSync(path));
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(makeMasterKey(path, FILE), undefined);
  assert.deepEqual(readMasterKey(path), key);
  assert.deepEqual(readdirSync(directory), ['master.key']);
  assert.equal(makeMasterKey(join(directory, 'other.key'), FILE)?.keeper, 'file');
  assert.notDeepEqual(readMasterKey(join(directory, 'other.key')), key);
});

test('a key that others may use is refused', (context) => {
  const path = join(scratch(context), 'master.key');
  makeMasterKey(path, FILE);
  for (const mode of [0o640, 0o604, 0o660, 0o610, 0o777]) {
    chmodSync(path, mode);
    assert.throws(() => readMasterKey(path), coded('gallery.key-unsafe'), mode.toString(8));
  }
  chmodSync(path, 0o400);
  assert.equal(readMasterKey(path).length, 32);
});

test('what is no key is refused', (context) => {
  const directory = scratch(context);
  const path = (name: string): string => join(directory, name);
  assert.throws(() => readMasterKey(path('absent')), coded('gallery.key-missing'));
  for (const size of [0, 31, 33, 100]) {
    writeFileSync(path(`${size}`), Buffer.alloc(size), { mode: 0o600 });
    assert.throws(() => readMasterKey(path(`${size}`)), coded('gallery.key-invalid'), `${size}`);
  }
  mkdirSync(path('folder'), { mode: 0o700 });
  assert.throws(() => readMasterKey(path('folder')), coded('gallery.key-unsafe'));
  makeMasterKey(path('real'), FILE);
  symlinkSync(path('real'), path('link'));
  assert.throws(() => readMasterKey(path('link')), coded('gallery.key-unsafe'));
  assert.throws(() => makeMasterKey(path('no/such/folder'), FILE), coded('gallery.storage'));
});
