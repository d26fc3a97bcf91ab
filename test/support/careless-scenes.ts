import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { makeDirectory, syncDirectory } from '../../device/durable-file.ts';
import type { PowerCutScene } from './power-cut-scenes.ts';

const WORDS = ['one', 'two', 'three'] as const;

function fileScene(name: string, write: (path: string, word: string) => void, make = makeDirectory): PowerCutScene {
  return {
    name,
    run(directory, say) {
      make(directory);
      say('none');
      for (const word of WORDS) {
        write(join(directory, 'file'), word);
        say(word);
      }
    },
    find(directory) {
      try {
        return readFileSync(join(directory, 'file'), 'utf8');
      } catch {
        return 'none';
      }
    },
  };
}

function swap(path: string, word: string, flush: boolean): void {
  writeFileSync(`${path}.new`, word, { flush });
  renameSync(`${path}.new`, path);
}

const database: PowerCutScene = {
  name: 'database that does not wait for the disk',
  run(directory, say) {
    makeDirectory(directory);
    const open = openCareless(directory);
    say('0');
    for (let i = 1; i <= 3; i++) {
      open.exec('INSERT INTO row DEFAULT VALUES');
      say(String(i));
    }
  },
  find(directory) {
    makeDirectory(directory);
    const open = openCareless(directory);
    try {
      return String(open.prepare('SELECT count(*) FROM row').pluck().get());
    } finally {
      open.close();
    }
  },
};

function openCareless(directory: string): Database.Database {
  const open = new Database(join(directory, 'rows.sqlite'));
  open.pragma('journal_mode = WAL');
  open.pragma('synchronous = NORMAL');
  open.exec('CREATE TABLE IF NOT EXISTS row (id INTEGER PRIMARY KEY)');
  return open;
}

/** Programs that a power cut harms, each by one thing left out: whoever looks for such harm must find it. */
export const CARELESS_SCENES: readonly PowerCutScene[] = [
  fileScene('bytes not synced before the renaming', (path, word) => {
    swap(path, word, false);
    syncDirectory(join(path, '..'));
  }),
  fileScene('name not synced after the renaming', (path, word) => {
    swap(path, word, true);
  }),
  fileScene('written in place', (path, word) => {
    writeFileSync(path, word, { flush: true });
    syncDirectory(join(path, '..'));
  }),
  fileScene(
    'directory not synced in its own',
    (path, word) => {
      swap(path, word, true);
      syncDirectory(join(path, '..'));
    },
    (path) => {
      mkdirSync(path);
    },
  ),
  database,
];
