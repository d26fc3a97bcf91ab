import { rmSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Gallery } from '../../device/gallery/gallery.ts';
import { galleryPath, masterKeyPath, openGalleryIn } from '../../device/gallery/open-in-directory.ts';
import { encodeTemplate } from '../../device/gallery/template-codec.ts';
import type { Cleanup } from './cleanup.ts';
import { runCommands } from './command-batch.ts';
import { Program } from './program.ts';
import { scratch } from './scratch.ts';

const PASSPHRASE = 'correct horse battery staple';
/** Bytes of a template that no chance puts into a file. */
const TELLING_BYTES = 24;

/** What a door carried to a new board came to. */
export interface CarriedDoor {
  readonly people: number;
  readonly grantedBefore: number;
  readonly grantedAfter: number;
  readonly touches: number;
  /** Files of the old board, of the new one and the backup that show a name or a piece of a template. */
  readonly showing: readonly string[];
  readonly searched: number;
  readonly oldKeyOpensNew: boolean;
}

/** A terminal enrols artificial people and lets them in; it is backed up, wiped, and restored on a board of another key. */
export async function carryDoor(context: Cleanup, touches: number): Promise<CarriedDoor> {
  const folder = scratch(context);
  const [old, fresh, backup] = ['old', 'new', 'door.backup'].map((name) => join(folder, name));
  writeFileSync(join(folder, 'passphrase'), PASSPHRASE);
  const passphrase = ['--passphrase-file', join(folder, 'passphrase')];
  const grantedBefore = await grantedAt(context, old, touches);
  const before = openGalleryIn(old);
  const { people } = before.contents();
  before.close();
  const [created] = await runCommands<{ people?: number }>([
    ['backup', 'create', backup, '--state', old, ...passphrase],
  ]);
  if (created.people !== people.length) throw new Error(`the backup holds ${created.people ?? 'no'} people`);
  const secrets = people.flatMap(({ name, fingers }) => [
    Buffer.from(name),
    ...fingers
      .flatMap((finger) => finger.templates)
      .map(({ template }) => Buffer.from(encodeTemplate(template)).subarray(40, 40 + TELLING_BYTES)),
  ]);
  const oldKey = readFileSync(masterKeyPath(old));
  const oldFiles = filesUnder(old).filter((path) => path !== masterKeyPath(old));
  const showingOld = [...oldFiles, backup].filter((path) => shows(path, secrets));
  const searched = oldFiles.length + 1;
  rmSync(old, { recursive: true });

  const [restored] = await runCommands<{ people?: number }>([
    ['backup', 'restore', backup, '--state', fresh, ...passphrase],
  ]);
  if (restored.people !== people.length) throw new Error(`${restored.people ?? 'no'} people were restored`);
  const grantedAfter = await grantedAt(context, fresh, touches);
  let oldKeyOpensNew = true;
  try {
    Gallery.open({ path: galleryPath(fresh), key: oldKey }).close();
  } catch {
    oldKeyOpensNew = false;
  }
  const newFiles = filesUnder(fresh);
  return {
    people: people.length,
    grantedBefore,
    grantedAfter,
    touches,
    showing: [...showingOld, ...newFiles.filter((path) => shows(path, secrets))],
    searched: searched + newFiles.length,
    oldKeyOpensNew,
  };
}

async function grantedAt(context: Cleanup, state: string, touches: number): Promise<number> {
  const terminal = Program.whorl(context, 'start', '--state', state, '--touches', `${touches}`, '--seed', '7');
  const status = await terminal.exit();
  if (status !== 0) throw new Error(`the terminal ended with ${status}: ${terminal.errors.join(' ')}`);
  return terminal.lines.filter((line) => line.includes('granted') && line.includes('score')).length;
}

function shows(path: string, secrets: readonly Buffer[]): boolean {
  const bytes = readFileSync(path);
  return secrets.some((secret) => bytes.includes(secret));
}

function filesUnder(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
