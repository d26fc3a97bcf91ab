import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Cleanup } from './cleanup.ts';
import { scratch } from './scratch.ts';

/** Where libfaketime lies, by Debian's names of the architectures. */
const LIBRARIES = ['x86_64', 'aarch64'].map((arch) => `/usr/lib/${arch}-linux-gnu/faketime/libfaketimeMT.so.1`);

/** For node:test's `skip`: false where libfaketime is installed, else the reason. */
export function skipWithoutFaketime(): string | false {
  return LIBRARIES.some((path) => existsSync(path)) ? false : 'faketime is not installed';
}

/**
 * A board whose clock, and whose network time, a test sets while programs run on it. Only the time of day is faked: what
 * passes, passes. A program sees a new time within a second.
 */
export class FakedClock {
  readonly #shift: string;
  readonly #network: string;
  readonly #programs: string;
  #shifted = 0;

  constructor(context: Cleanup) {
    const directory = scratch(context);
    this.#shift = join(directory, 'shift');
    this.#network = join(directory, 'network');
    this.#programs = join(directory, 'bin');
    mkdirSync(this.#programs);
    const timedatectl = join(this.#programs, 'timedatectl');
    writeFileSync(timedatectl, `#!/bin/sh\ncat ${this.#network}\n`);
    chmodSync(timedatectl, 0o755);
    this.#shiftTo(0);
    this.network(true);
  }

  /** Milliseconds since 1970, as a program on this board sees it. */
  get now(): number {
    return Date.now() + this.#shifted;
  }

  /** Sets the time of day. */
  set(time: number): void {
    this.#shiftTo(time - Date.now());
  }

  /** Sets it back or ahead of what it shows. */
  step(milliseconds: number): void {
    this.#shiftTo(this.#shifted + milliseconds);
  }

  /** Whether the network vouches for the time. */
  network(vouches: boolean): void {
    writeFileSync(this.#network, vouches ? 'yes\n' : 'no\n');
  }

  /** A command that runs what follows it on this board. */
  get command(): [string, ...string[]] {
    const library = LIBRARIES.find((path) => existsSync(path)) ?? '';
    return [
      'env',
      `PATH=${this.#programs}${delimiter}${process.env.PATH ?? ''}`,
      ...[`LD_PRELOAD=${library}`, `FAKETIME_TIMESTAMP_FILE=${this.#shift}`, 'FAKETIME_CACHE_DURATION=1'],
      ...['FAKETIME_DONT_FAKE_MONOTONIC=1', 'DONT_FAKE_MONOTONIC=1'],
    ];
  }

  #shiftTo(milliseconds: number): void {
    const seconds = Math.round(milliseconds / 1_000);
    this.#shifted = seconds * 1_000;
    writeFileSync(this.#shift, `${seconds < 0 ? '' : '+'}${seconds}`);
  }
}
