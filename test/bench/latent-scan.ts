import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { timed, type Figure } from '../../calibration/figures.ts';
import { LatentScan } from '../../device/matching/latent/latent-scan.ts';

export const LATENTS = 100_000;

/** What a scan of 100,000 latents of this many bytes takes, one thread. */
export function benchLatentScan(length: number, rounds: number): Figure {
  const scan = new LatentScan(length);
  let state = 1;
  const random = (): number => (state = (Math.imul(state, 1664525) + 1013904223) | 0) >> 24;
  const latent = (): Int8Array => Int8Array.from({ length }, random);
  for (let k = 0; k < LATENTS; k++) scan.add(`t${k}`, `p${k >> 2}`, latent());
  const probe = latent();
  return {
    what: `scan ${LATENTS} latents of ${length} bytes`,
    unit: 'ms',
    rounds: timed(rounds, () => scan.cosines(probe)),
  };
}

/** The same by a plain loop in C, compiled here with -O3 for this machine; nothing where there is no compiler. */
export function benchLatentScanInC(length: number, rounds: number): readonly number[] | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'whorl-bench-'));
  try {
    const program = join(folder, 'latent-scan');
    const source = join(import.meta.dirname, 'latent-scan.c');
    const compiled = ['cc', 'gcc', 'clang'].some(
      (compiler) => spawnSync(compiler, ['-O3', '-march=native', '-o', program, source, '-lm']).status === 0,
    );
    if (!compiled) return undefined;
    const { stdout } = spawnSync(program, [length, LATENTS, rounds].map(String), { encoding: 'utf8' });
    return stdout.split('\n').slice(0, rounds).map(Number);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
