import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cleanup } from './cleanup.ts';

/** A directory of this test's own, gone when it ends. */
export function scratch(context: Cleanup): string {
  const directory = mkdtempSync(join(tmpdir(), 'whorl-test-'));
  context.after(() => {
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  });
  return directory;
}
