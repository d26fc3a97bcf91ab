import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cleanup } from './cleanup.ts';
import { Program } from './program.ts';
import { scratch } from './scratch.ts';

/** Node has no datagram sockets of the Unix kind. */
const RECEIVER = `
import socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
while True: print(receiver.recv(4096).decode(), flush=True)
`;

/** `false` where systemd-notify and python3 are; else why a test must be skipped. */
export function skipWithoutNotices(): string | false {
  const missing = ['systemd-notify', 'python3'].find((name) => spawnSync('which', [name]).status !== 0);
  return missing === undefined ? false : `${missing} is not installed`;
}

/** Receives what a service tells systemd. */
export class NoticeSocket {
  readonly path: string;
  readonly #receiver: Program;

  private constructor(path: string, receiver: Program) {
    this.path = path;
    this.#receiver = receiver;
  }

  static async open(context: Cleanup): Promise<NoticeSocket> {
    const path = join(scratch(context), 'notify');
    const receiver = Program.start(context, 'python3', '-c', RECEIVER, path);
    while (!existsSync(path)) await sleep(10);
    return new NoticeSocket(path, receiver);
  }

  /** How often this was told. */
  count(notice: string): number {
    return this.#receiver.lines.filter((line) => line === notice).length;
  }

  async until(notice: string, count: number, patienceMs = 20_000): Promise<void> {
    const end = Date.now() + patienceMs;
    while (this.count(notice) < count) {
      if (Date.now() > end) throw new Error(`${notice} came ${this.count(notice)} times instead of ${count}`);
      await sleep(20);
    }
  }
}
