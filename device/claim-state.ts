import { join } from 'node:path';
import { claim } from './exclusive.ts';

/**
 * Claims a state directory: a terminal while it runs, or a command that must not be there at the same time.
 *
 * @returns what gives it back
 * @throws WhorlError `terminal.already-running`
 */
export function claimState(directory: string): () => void {
  return claim(
    join(directory, 'terminal.lock'),
    'terminal.already-running',
    `a terminal is running on ${directory}; stop it, or use another --state`,
  );
}
