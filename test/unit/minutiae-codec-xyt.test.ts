import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readXyt } from '../../device/minutiae/xyt.ts';
import { realData, skipWithout } from '../support/data.ts';

void test('y turns down and theta turns round', () => {
  const { minutiae, width, height } = readXyt('10 200 0 80\r\n30 150 270 7\n\n');
  assert.deepEqual([width, height], [31, 201]);
  assert.deepEqual(
    minutiae.map(({ x, y, quality }) => [x, y, quality]),
    [[10, 0, 80], [30, 50, 7]], // prettier-ignore
  );
  assert.ok(Math.abs(minutiae[0].direction - Math.PI) < 1e-12);
  assert.ok(Math.abs(minutiae[1].direction - Math.PI / 2) < 1e-12);
});

void test('an empty file is a print without minutiae', () => {
  assert.deepEqual(readXyt(''), { width: 1, height: 1, minutiae: [] });
});

void test('other text is refused', () => {
  for (const text of [
    '1 2 3',
    '1 2 3 4 5',
    '1 2 400 4',
    '1 2 3 101',
    '-1 2 3 4',
    'a b c d',
    '1e3 2 3 4',
    '99999 1 1 1',
  ])
    assert.throws(() => readXyt(text), { code: 'minutiae.not-a-record' }, text);
  assert.throws(() => readXyt('1 2 3 4\n'.repeat(2001)), { code: 'minutiae.not-a-record' });
});

void test("mindtct's files are read", { skip: skipWithout('minutiae/uareu-mindtct-xyt') }, () => {
  const folder = realData('minutiae/uareu-mindtct-xyt') ?? '';
  for (const file of readdirSync(folder).slice(0, 40)) {
    const text = readFileSync(join(folder, file), 'latin1');
    assert.equal(readXyt(text).minutiae.length, text.trim().split('\n').length);
  }
});
