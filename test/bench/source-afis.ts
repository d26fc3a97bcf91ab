import { execFile } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);
const peer = join(import.meta.dirname, 'peer');

const Rounds = z.object({ extractMs: z.array(z.number()), comparisonsPerSecond: z.array(z.number()) });

/**
 * SourceAFIS for Java over the same picture files, one thread; its just-in-time compiler is warmed up by unmeasured rounds.
 * Needs `mvn` and `java` 17, and fetches the library the first time.
 */
export async function measureSourceAfis(files: readonly string[], rounds: number): Promise<z.infer<typeof Rounds>> {
  const classpath = join(await mkdtemp(join(tmpdir(), 'whorl-peer-')), 'classpath');
  await run('mvn', [
    '-q',
    '-B',
    '-f',
    join(peer, 'pom.xml'),
    'dependency:build-classpath',
    `-Dmdep.outputFile=${classpath}`,
  ]);
  const { stdout } = await run('java', [
    '-XX:ActiveProcessorCount=1',
    '-cp',
    await readFile(classpath, 'utf8'),
    join(peer, 'SourceAfisPeer.java'),
    String(rounds),
    ...files,
  ]);
  return Rounds.parse(JSON.parse(stdout));
}
