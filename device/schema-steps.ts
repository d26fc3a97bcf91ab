import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { removeFile, syncDirectory } from './durable-file.ts';

/** Brings a database from one layout to the next, inside a transaction. A published step is never changed. */
export type SchemaStep = string | ((database: Database.Database) => void);

/**
 * Brings a database up to date: step i leads from layout i, its `user_version`, to i + 1. All steps are one transaction;
 * another process may do the same at the same time. A file that holds a layout already is first copied beside itself as
 * `<file>.layout-<n>.backup`, for its owner alone: whoever must go back to an older Whorl puts it in the place of the
 * file.
 *
 * @throws what `refuseNewer` makes of a layout that these steps do not know; then nothing was changed
 */
export function takeSteps(
  database: Database.Database,
  steps: readonly SchemaStep[],
  refuseNewer: (layout: number) => Error,
): void {
  const before = layoutOf(database);
  if (before > steps.length) throw refuseNewer(before);
  if (before === steps.length) return;
  if (before > 0) copyBeside(database, before);
  database
    .transaction(() => {
      // Another process may have been quicker.
      const layout = layoutOf(database);
      if (layout > steps.length) throw refuseNewer(layout);
      for (const step of steps.slice(layout))
        if (typeof step === 'string') database.exec(step);
        else step(database);
      database.pragma(`user_version = ${steps.length}`);
    })
    .immediate();
}

/** Removes the copies that `takeSteps` left beside a database: what is erased from it must be gone from them too. */
export function removeCopies(path: string): void {
  const directory = dirname(path);
  const begin = `${basename(path)}.layout-`;
  const copies = readdirSync(directory).filter((name) => name.startsWith(begin));
  for (const name of copies) removeFile(join(directory, name));
}

function layoutOf(database: Database.Database): number {
  return Number(database.pragma('user_version', { simple: true }));
}

function copyBeside(database: Database.Database, layout: number): void {
  const path = `${database.name}.layout-${layout}.backup`;
  const draft = `${path}.${randomUUID()}`;
  try {
    // SQLite takes an empty file that is there, and leaves it its mode.
    closeSync(openSync(draft, 'wx', 0o600));
    database.prepare('VACUUM INTO ?').run(draft);
    // Another process may have stepped on meanwhile: its copy is there already, this one is of the new layout.
    if (layoutOfFile(draft) !== layout) return;
    flush(draft);
    renameSync(draft, path);
    syncDirectory(dirname(path));
  } finally {
    rmSync(draft, { force: true });
  }
}

function layoutOfFile(path: string): number {
  const copy = new Database(path, { readonly: true });
  try {
    return layoutOf(copy);
  } finally {
    copy.close();
  }
}

function flush(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
