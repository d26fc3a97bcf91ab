import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CliError } from './errors.ts';

/**
 * Writes a new file that its owner alone may read, and its directory where it is not there.
 *
 * @throws CliError `cli.unwritable-file`, also where there is a file already
 */
export async function writePrivateFile(path: string, content: Uint8Array | string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, content, { mode: 0o600, flag: 'wx', flush: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError('cli.unwritable-file', `${path} cannot be written: ${reason}`, { cause });
  }
}
