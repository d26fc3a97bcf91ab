import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../models/synthesis/random.ts';
import type { DiskStep } from './disk-recording.ts';

/**
 * What of the steps that no sync covers has reached the platter when the power goes.
 * `all`: everything, in order. `none`: nothing. `torn`: everything, but only the beginning of the newest write. `any`:
 * of everything some blocks and some names, in any order; `block` says how much a disk writes at once.
 */
export type Fate =
  | { readonly kind: 'all' | 'none' }
  | { readonly kind: 'torn' | 'any'; readonly block: number; readonly random: Random };

type Change =
  | { readonly step: number; readonly kind: 'write'; readonly at: number; readonly data: Uint8Array }
  | { readonly step: number; readonly kind: 'truncate'; readonly length: number };
/** What a name stands for from then on; several names where a file is renamed: both or neither. */
interface Naming {
  readonly step: number;
  readonly names: readonly (readonly [name: string, inode: Inode | undefined])[];
}

/** A file or a directory, under whatever name. */
class Inode {
  readonly isDirectory: boolean;
  /** On disk for good. */
  bytes: Uint8Array = new Uint8Array();
  readonly entries = new Map<string, Inode>();
  /** Not yet. */
  changes: Change[] = [];
  namings: Naming[] = [];

  constructor(isDirectory: boolean) {
    this.isDirectory = isDirectory;
  }

  /** With everything that was done to it, as a running program sees it. */
  get currentEntries(): Map<string, Inode> {
    const entries = new Map(this.entries);
    for (const { names } of this.namings) name(entries, names);
    return entries;
  }

  sync(before: number): void {
    for (const change of this.changes) if (change.step < before) this.bytes = changed(this.bytes, change);
    this.changes = this.changes.filter(({ step }) => step >= before);
    for (const { step, names } of this.namings) if (step < before) name(this.entries, names);
    this.namings = this.namings.filter(({ step }) => step >= before);
  }
}

/**
 * A disk that promises nothing that was not synced: neither bytes, nor the order of them, nor, until the directory was
 * synced, the name of a file. A block (a sector) is written whole or not at all, a renaming is too.
 */
export class PowerCutDisk {
  readonly #root = new Inode(true);
  readonly #inodes = new Map<number, Inode>();
  #newest: { inode: Inode; change: Change } | undefined;
  #step = 0;

  constructor(rootInode: number) {
    this.#inodes.set(rootInode, this.#root);
  }

  apply(step: DiskStep): void {
    const at = this.#step++;
    this.#newest = undefined;
    switch (step.kind) {
      case 'create':
      case 'directory': {
        // Numbers of files that are gone are used again.
        const inode = new Inode(step.kind === 'directory');
        this.#inodes.set(step.inode, inode);
        this.#name(at, [step.path, inode]);
        break;
      }
      case 'link':
        this.#name(at, [step.path, this.#inode(step.inode)]);
        break;
      case 'rename': {
        const moved = this.#at(step.path);
        this.#name(at, [step.path, undefined], [step.to, moved]);
        break;
      }
      case 'unlink':
        this.#name(at, [step.path, undefined]);
        break;
      case 'write':
      case 'truncate': {
        const inode = this.#inode(step.inode);
        const change = { step: at, ...step };
        inode.changes.push(change);
        this.#newest = { inode, change };
        break;
      }
      case 'sync':
        this.#inode(step.inode).sync(step.began);
        break;
      case 'say':
        break;
    }
  }

  /** Whether the last step left something that may be torn. */
  get canTear(): boolean {
    return this.#newest?.change.kind === 'write';
  }

  /** Writes the disk, as it is found when the power comes back, below an empty directory. */
  restore(directory: string, fate: Fate): void {
    this.#restore(this.#root, directory, fate);
  }

  #restore(inode: Inode, path: string, fate: Fate): void {
    for (const [entry, child] of this.#entries(inode, fate)) {
      const place = join(path, entry);
      if (child.isDirectory) {
        mkdirSync(place, { mode: 0o700 });
        this.#restore(child, place, fate);
      } else writeFileSync(place, this.#bytes(child, fate), { mode: 0o600 });
    }
  }

  #entries(inode: Inode, fate: Fate): Map<string, Inode> {
    if (fate.kind === 'none') return inode.entries;
    if (fate.kind !== 'any') return inode.currentEntries;
    const entries = new Map(inode.entries);
    for (const { names } of inode.namings) if (fate.random.between(0, 1) < 0.5) name(entries, names);
    return entries;
  }

  #bytes(inode: Inode, fate: Fate): Uint8Array {
    let { bytes } = inode;
    if (fate.kind === 'none') return bytes;
    // Now nearly all of it is there, now nearly nothing.
    const share = fate.kind === 'any' ? fate.random.between(0, 1) : 1;
    for (const change of inode.changes) {
      if (fate.kind === 'torn' && change === this.#newest?.change && change.kind === 'write') {
        const blocks = blocksOf(change, fate.block);
        const landed = Math.floor(fate.random.between(0, blocks.length));
        for (const block of blocks.slice(0, landed)) bytes = changed(bytes, block);
      } else if (fate.kind === 'any') {
        const parts = change.kind === 'write' ? blocksOf(change, fate.block) : [change];
        for (const part of parts) if (fate.random.between(0, 1) < share) bytes = changed(bytes, part);
      } else bytes = changed(bytes, change);
    }
    return bytes;
  }

  #name(step: number, ...names: (readonly [path: string, inode: Inode | undefined])[]): void {
    const directories = names.map(([path]) => this.#at(parentOf(path)));
    const named = names.map(([path, inode]) => [path.slice(path.lastIndexOf('/') + 1), inode] as const);
    // Only a renaming within one directory is sure to be whole.
    if (directories.every((directory) => directory === directories[0]))
      directories[0].namings.push({ step, names: named });
    else directories.forEach((directory, index) => directory.namings.push({ step, names: [named[index]] }));
  }

  #at(path: string): Inode {
    let inode = this.#root;
    for (const part of path.split('/').filter((piece) => piece !== '')) {
      const next = inode.currentEntries.get(part);
      if (next === undefined) throw new Error(`the recording does not tell how ${path} came to be`);
      inode = next;
    }
    return inode;
  }

  #inode(number: number): Inode {
    const inode = this.#inodes.get(number);
    if (inode === undefined) throw new Error(`the recording does not tell how file ${number} came to be`);
    return inode;
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function name(entries: Map<string, Inode>, names: Naming['names']): void {
  for (const [entry, inode] of names)
    if (inode === undefined) entries.delete(entry);
    else entries.set(entry, inode);
}

function changed(bytes: Uint8Array, change: Change | Block): Uint8Array {
  if (change.kind === 'truncate') {
    const cut = new Uint8Array(change.length);
    cut.set(bytes.subarray(0, change.length));
    return cut;
  }
  const { at, data } = change;
  const grown = new Uint8Array(Math.max(bytes.length, at + data.length));
  grown.set(bytes);
  grown.set(data, at);
  return grown;
}

interface Block {
  readonly kind: 'write';
  readonly at: number;
  readonly data: Uint8Array;
}

/** A write as the disk does it: cut where the disk's blocks end. */
function blocksOf({ at, data }: Block, block: number): Block[] {
  const blocks: Block[] = [];
  for (let from = at; from < at + data.length;) {
    const to = Math.min(at + data.length, (Math.floor(from / block) + 1) * block);
    blocks.push({ kind: 'write', at: from, data: data.subarray(from - at, to - at) });
    from = to;
  }
  return blocks;
}
