import { spawnSync } from 'node:child_process';

/** What a pseudo-terminal is held by: a reason to skip where it is not installed. */
export function skipWithoutSocat(): string | false {
  return spawnSync('socat', ['-V']).error === undefined ? false : 'socat is not installed';
}
