import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CalibrationError } from '../../calibration/errors.ts';
import { readPrintSet } from '../../calibration/print-set.ts';

const root = mkdtempSync(join(tmpdir(), 'whorl-print-set-'));
after(() => {
  rmSync(root, { recursive: true });
});

function folderOf(name: string, files: readonly string[]): string {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const file of files) writeFileSync(join(folder, file), '');
  return folder;
}

function code(expected: string): (error: unknown) => boolean {
  return (error) => error instanceof CalibrationError && error.code === expected;
}

test('finger and impression are read from the name; the last underscore divides them', () => {
  const folder = folderOf('set', ['012-10_8.png', '012-10_1.png', 'left_thumb_02.tif', 'notes.txt', '.hidden_1.png']);
  const set = readPrintSet(folder, 500);
  assert.equal(set.name, 'set');
  assert.deepEqual(
    set.prints.map(({ finger, impression }) => [finger, impression]),
    [
      ['012-10', 1],
      ['left_thumb', 2],
      ['012-10', 8],
    ],
  );
  assert.deepEqual(set.fingers, ['012-10', 'left_thumb']);
  assert.deepEqual(set.ignored, ['notes.txt']);
});

test('a folder may name its own resolution, unless that is its name', () => {
  const folder = folderOf('thermal', ['1_1.png']);
  assert.equal(readPrintSet(folder, 500).dpi, 500);
  assert.equal(readPrintSet(`${folder}@512`, 500).dpi, 512);
  const named = folderOf('odd@512', ['1_1.png']);
  const set = readPrintSet(named, 500);
  assert.deepEqual([set.name, set.dpi], ['odd@512', 500]);
});

test('what cannot be a set is refused with a reason', () => {
  assert.throws(() => readPrintSet(join(root, 'nowhere'), 500), code('calibration.no-folder'));
  assert.throws(() => readPrintSet(folderOf('empty', ['notes.txt']), 500), code('calibration.empty-set'));
  assert.throws(
    () => readPrintSet(folderOf('twice', ['1_1.png', '1_01.iso']), 500),
    code('calibration.duplicate-impression'),
  );
});
