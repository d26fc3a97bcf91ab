import { readFile, writeFile } from 'node:fs/promises';
import { CliError } from './errors.ts';

/** @throws CliError `cli.unreadable-file` */
export async function readInput(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new CliError('cli.unreadable-file', `${path} cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

/** @throws CliError `cli.unwritable-file` */
export async function writeOutput(path: string, content: Uint8Array | string): Promise<void> {
  try {
    await writeFile(path, content);
  } catch (error) {
    throw new CliError('cli.unwritable-file', `${path} cannot be written: ${reasonOf(error)}`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
