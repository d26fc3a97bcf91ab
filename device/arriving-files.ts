import { existsSync, fsyncSync, closeSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeDirectory, syncDirectory } from './durable-file.ts';
import { claim } from './exclusive.ts';

/** In a state directory: files that are being gathered, and files that have all been gathered and take their places. */
const GATHERED = 'arriving.new';
const ARRIVING = 'arriving';

/** How a file takes its place where that is more than a rename. */
export type Placing = (from: string, to: string) => void;

/**
 * Puts several files into a state directory, all of them or none, whatever ends this at any instant.
 *
 * @param gather writes the files into the directory that it is given
 */
export function bringFiles(state: string, gather: (directory: string) => void): void {
  const gathered = join(state, GATHERED);
  dropGathered(state);
  makeDirectory(gathered);
  try {
    gather(gathered);
    for (const path of filesUnder(gathered)) sync(join(gathered, path));
    // From here on they arrive.
    renameSync(gathered, join(state, ARRIVING));
    syncDirectory(state);
  } finally {
    dropGathered(state);
  }
}

/** Removes what was gathered by somebody who was ended meanwhile. */
export function dropGathered(state: string): void {
  rmSync(join(state, GATHERED), { recursive: true, force: true });
}

/**
 * Lets files that were gathered take their places. Whoever reads a state directory calls this first.
 *
 * @param placings by file name, for those that need more than a rename
 * @throws WhorlError `state.busy` where another process is at it
 */
export function settleFiles(state: string, placings: Readonly<Record<string, Placing>>): void {
  const arriving = join(state, ARRIVING);
  if (!existsSync(arriving)) return;
  const release = claim(join(state, 'arriving.lock'), 'state.busy', `files are being restored to ${state}; try again`);
  try {
    // Another process may have been quicker.
    if (!existsSync(arriving)) return;
    for (const path of filesUnder(arriving)) {
      const to = join(state, path);
      makeDirectory(dirname(to));
      if (Object.hasOwn(placings, path)) placings[path](join(arriving, path), to);
      else renameSync(join(arriving, path), to);
      syncDirectory(dirname(to));
    }
    rmSync(arriving, { recursive: true, force: true });
    syncDirectory(state);
  } finally {
    release();
  }
}

function filesUnder(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .toSorted();
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  syncDirectory(dirname(path));
}
