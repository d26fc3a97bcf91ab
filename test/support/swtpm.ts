import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Cleanup } from './cleanup.ts';
import { Program } from './program.ts';
import { scratch } from './scratch.ts';

/** For node:test's `skip`: false where a software TPM and its tools are installed, else the reason. */
export function skipWithoutSwtpm(): string | false {
  try {
    for (const program of ['swtpm', 'tpm2_nvread']) execFileSync('which', [program], { stdio: 'ignore' });
    return false;
  } catch {
    return 'swtpm and tpm2-tools are not installed';
  }
}

/** A TPM 2.0 in software, new and of this test's own. @returns how tpm2-tools reach it */
export async function startTpm(context: Cleanup): Promise<string> {
  const directory = scratch(context);
  const [state, socket] = [join(directory, 'state'), join(directory, 'tpm')];
  mkdirSync(state);
  const sockets = ['--server', `type=unixio,path=${socket}`, '--ctrl', `type=unixio,path=${socket}.ctrl`];
  const flags = ['--flags', 'not-need-init,startup-clear'];
  const tpm = Program.start(context, 'swtpm', 'socket', '--tpm2', '--tpmstate', `dir=${state}`, ...sockets, ...flags);
  const deadline = Date.now() + 10_000;
  while (!existsSync(socket) || !existsSync(`${socket}.ctrl`)) {
    if (Date.now() > deadline) throw new Error(`swtpm does not start: ${tpm.errors.join(' ')}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return `swtpm:path=${socket}`;
}

/** The indexes of its memory that are in use. */
export function indexesOf(tcti: string): string[] {
  const text = execFileSync('tpm2_getcap', ['-T', tcti, 'handles-nv-index']).toString();
  return [...text.matchAll(/0x[0-9A-F]+/gi)].map(([index]) => index);
}
