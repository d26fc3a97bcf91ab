import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A directory of this test's own, gone when it ends. */
export function scratch(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'whorl-test-'));
  context.after(() => {
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  });
  return directory;
}
