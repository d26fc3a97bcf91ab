import { closeSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';
import { removeCopies, takeSteps } from '../schema-steps.ts';
import { GalleryError } from './errors.ts';

/** Marks the file as ours: "Whrl". */
const APPLICATION_ID = 0x5768726c;

/**
 * In the clear stand random ids and the times of erasures. Everything that says something of a person is sealed: a
 * person's records under a key of that person, which is itself sealed (`wrapped_key`) under the gallery's key. So the
 * master key can be changed by wrapping the persons' keys anew, and whoever is erased loses their key first. Rules and
 * what they remember are sealed under the gallery's key itself.
 */
const STEPS: readonly string[] = [
  `PRAGMA application_id = ${APPLICATION_ID};
   CREATE TABLE gallery (salt BLOB NOT NULL, key_check BLOB NOT NULL, revision INTEGER NOT NULL) STRICT;
   CREATE TABLE person (id TEXT PRIMARY KEY, wrapped_key BLOB NOT NULL, sealed BLOB NOT NULL) STRICT;
   CREATE TABLE finger (
     id TEXT PRIMARY KEY,
     person TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
     sealed BLOB NOT NULL
   ) STRICT;
   CREATE INDEX finger_person ON finger (person);
   CREATE TABLE template (
     id TEXT PRIMARY KEY,
     finger TEXT NOT NULL REFERENCES finger (id) ON DELETE CASCADE,
     sealed BLOB NOT NULL
   ) STRICT;
   CREATE INDEX template_finger ON template (finger);
   CREATE TABLE tombstone (id TEXT PRIMARY KEY, kind TEXT NOT NULL, erased_at TEXT NOT NULL) STRICT;`,
  // `rules` is the version in force, 0 before the first: where its row is missing it was lost, and nobody may pass.
  `ALTER TABLE gallery ADD COLUMN rules INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE gallery ADD COLUMN leaders BLOB;
   CREATE TABLE rules (version INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
   CREATE TABLE passage (
     person TEXT PRIMARY KEY REFERENCES person (id) ON DELETE CASCADE,
     sealed BLOB NOT NULL
   ) STRICT;`,
];

/**
 * Opens the gallery's database file, makes it where it is not there, and brings an older one up to date.
 *
 * @throws GalleryError `gallery.not-a-gallery`, `gallery.newer-schema`, `gallery.corrupt-file`, `gallery.busy`,
 *   `gallery.disk-full`, `gallery.storage`
 */
export function openStore(path: string): Database.Database {
  return storing(path, () => {
    // SQLite gives its other files the mode of this one.
    closeSync(openSync(path, 'a', 0o600));
    const database = new Database(path);
    try {
      checkOwner(database, path);
      database.pragma('journal_mode = WAL');
      database.pragma('synchronous = FULL');
      database.pragma('foreign_keys = ON');
      database.pragma('secure_delete = ON');
      database.pragma('temp_store = MEMORY');
      database.pragma('trusted_schema = OFF');
      takeSteps(database, STEPS, (layout) => newerSchema(path, layout));
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Runs what touches the file and gives its errors our codes. */
export function storing<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (cause instanceof GalleryError) throw cause;
    if (cause instanceof Database.SqliteError) throw ofSqlite(path, cause);
    if (cause instanceof TypeError && cause.message.includes('connection is not open'))
      throw new GalleryError('gallery.closed', 'the gallery has been closed', { cause });
    if (cause instanceof Error && 'syscall' in cause)
      throw new GalleryError(
        'gallery.storage',
        `the gallery ${path} cannot be used (${cause.message}); check its directory and permissions`,
        { cause },
      );
    throw cause;
  }
}

/** What SQLite finds wrong with the file as a whole, so that no row goes missing in silence. 10 MB take some 50 ms. */
export function fileDamage(database: Database.Database): GalleryError | undefined {
  const finding = database.pragma('integrity_check(1)', { simple: true });
  if (finding === 'ok') return undefined;
  return corruptFile(database.name, typeof finding === 'string' ? finding.replaceAll(/\s+/g, ' ') : 'unreadable');
}

export function corruptFile(path: string, why: string, cause?: Error): GalleryError {
  return new GalleryError(
    'gallery.corrupt-file',
    `the gallery file ${path} is damaged (${why}): people may be missing; restore a backup`,
    { cause },
  );
}

/** SQLite's own default: after so many pages the log is written back, and both files are synced. */
const CHECKPOINT_PAGES = 1_000;

/**
 * Runs changes that wait for no disk: a power cut may undo them until another change is on disk, the death of a process
 * does not.
 */
export function withoutSync(database: Database.Database, action: () => void): void {
  storing(database.name, () => database.exec('PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0'));
  try {
    action();
  } finally {
    if (database.open) database.exec(`PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  }
}

/** Rids the file, and what is kept beside it, of the bytes of everything deleted. @returns whether it was done */
export function scrub(database: Database.Database): boolean {
  try {
    removeCopies(database.name);
    // secure_delete blanks deleted cells, but a page that was rebalanced may still hold a copy: write all pages anew.
    database.exec('VACUUM');
    return database.pragma('wal_checkpoint(TRUNCATE)', { simple: true }) === 0;
  } catch (error) {
    if (error instanceof Database.SqliteError || (error instanceof Error && 'syscall' in error)) return false;
    throw error;
  }
}

function checkOwner(database: Database.Database, path: string): void {
  const owner = database.pragma('application_id', { simple: true });
  const tables = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
  if (owner !== APPLICATION_ID && !(owner === 0 && tables === 0))
    throw new GalleryError('gallery.not-a-gallery', `${path} is a database, but not a gallery of Whorl`);
}

function newerSchema(path: string, layout: number): GalleryError {
  return new GalleryError(
    'gallery.newer-schema',
    `the gallery ${path} was written by a newer Whorl (version ${layout}, this one knows ${STEPS.length}); update Whorl`,
  );
}

function ofSqlite(path: string, cause: InstanceType<typeof Database.SqliteError>): GalleryError {
  const [, kind] = cause.code.split('_');
  switch (kind) {
    case 'FULL':
      return new GalleryError('gallery.disk-full', `the disk of ${path} is full: nothing was changed; make room`, {
        cause,
      });
    case 'BUSY':
    case 'LOCKED':
      return new GalleryError('gallery.busy', `another process holds the gallery ${path}; try again`, { cause });
    case 'NOTADB':
      return new GalleryError('gallery.not-a-gallery', `${path} is not a gallery of Whorl`, { cause });
    case 'CORRUPT':
      return corruptFile(path, cause.message, cause);
    default:
      return new GalleryError('gallery.storage', `the gallery ${path} cannot be used (${cause.message})`, { cause });
  }
}
