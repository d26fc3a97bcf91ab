import { join } from 'node:path';
import { makeDirectory } from './durable-file.ts';
import { claim } from './exclusive.ts';

/**
 * Claims a state directory, which is made where it is not there: for a terminal while it runs, or for a command that must
 * not be there at the same time.
 *
 * @returns what gives it back
 * @throws WhorlError `terminal.already-running`
 */
export function claimState(directory: string): () => void {
  makeDirectory(directory);
  return claim(
    join(directory, 'terminal.lock'),
    'terminal.already-running',
    `a terminal is running on ${directory}; stop it, or use another --state`,
  );
}
