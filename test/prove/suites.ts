import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { judged, skipped, type Claim, type ProofOptions } from './claim.ts';

export interface Suite {
  readonly claim: string;
  readonly folder: string;
  /** Beginnings of the files' names. */
  readonly files: readonly string[];
  readonly slow: boolean;
}

/** Claims that a suite of tests shows. */
const SUITES: readonly Suite[] = [
  { claim: 'a touch becomes an event at a foreign broker', folder: 'end-to-end', files: ['start'], slow: true },
  { claim: 'malformed input gives a coded error, never a crash', folder: 'fuzz', files: [''], slow: true },
  { claim: 'killed at any instant, nothing is lost or half-written', folder: 'fault', files: [''], slow: true },
  { claim: 'the gallery’s file shows nothing without its key', folder: 'unit', files: ['gallery-'], slow: false },
  { claim: 'records of others are read, ours byte-exactly', folder: 'unit', files: ['minutiae-codec-'], slow: false },
];

const ROOT = join(import.meta.dirname, '../..');

/** Runs the suites one after another. */
export async function proveSuites(
  quick: boolean,
  onStage: ProofOptions['onStage'],
  suites: readonly Suite[] = SUITES,
): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (const { claim, folder, files, slow } of suites) {
    if (quick && slow) {
      claims.push(skipped(claim, 'left out by --quick: npm run test:slow'));
      continue;
    }
    const paths = readdirSync(join(ROOT, 'test', folder))
      .filter((file) => file.endsWith('.test.ts') && files.some((beginning) => file.startsWith(beginning)))
      .map((file) => `test/${folder}/${file}`);
    onStage(`test/${folder}/${files.join()}`);
    const { passed, failed, left } = await run(paths);
    const figure = `${passed} tests pass, ${failed} fail, ${left} skipped`;
    claims.push(judged(claim, figure, `test/${folder}`, failed === 0 && passed > 0));
  }
  return claims;
}

async function run(paths: readonly string[]): Promise<{ passed: number; failed: number; left: number }> {
  const flags = ['--import', 'tsx', '--test', '--test-reporter=tap', '--test-concurrency=1'];
  const child = spawn(process.execPath, [...flags, ...paths], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve).once('error', reject);
  });
  const count = (what: string): number => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  // A runner that ends badly without naming a failed test has failed itself.
  return { passed: count('pass'), failed: Math.max(count('fail'), status === 0 ? 0 : 1), left: count('skipped') };
}
