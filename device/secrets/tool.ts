import { execFileSync } from 'node:child_process';

/** TPMs are slow, but not that slow: a tool that hangs must not keep a door closed for ever. */
const PATIENCE_MS = 20_000;

/**
 * Runs a program with bytes on its standard input, so that no secret stands in the list of processes.
 *
 * @returns what it wrote
 * @throws Error whose message is the last thing the program said
 */
export function runTool(program: string, parameters: readonly string[], input: Uint8Array): Buffer {
  try {
    return execFileSync(program, parameters, {
      input,
      timeout: PATIENCE_MS,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  } catch (cause) {
    throw new Error(`${program}: ${reasonOf(cause)}`, { cause });
  }
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if ('code' in cause && cause.code === 'ENOENT') return 'it is not installed';
  if ('code' in cause && cause.code === 'ETIMEDOUT') return `no answer within ${PATIENCE_MS / 1000} s`;
  const said = 'stderr' in cause ? String(cause.stderr).trim() : '';
  // The first error names the cause; those after it are of the tool giving up.
  return said.split('\n').find((line) => /error/i.test(line)) ?? (said === '' ? cause.message : said);
}
