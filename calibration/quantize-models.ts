import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { CalibrationError } from './errors.ts';

const TRAINING = fileURLToPath(new URL('../models/training', import.meta.url));

export interface Quantization {
  /** With the packages of `models/training/requirements.txt`. */
  readonly python: string;
  /** Directory of the trained float models. */
  readonly trained: string;
  /** Directories of artificial prints as shards. */
  readonly prints: readonly string[];
  /** Where the models go that ship. */
  readonly out: string;
}

/**
 * Quantizes by `whorl_training.quantize`, whose words go to stderr.
 * @returns its record
 * @throws CalibrationError `calibration.not-quantized`
 */
export async function quantizeModels({ python, trained, prints, out }: Quantization): Promise<unknown> {
  const scratch = await mkdtemp(join(tmpdir(), 'whorl-quantize-'));
  const record = join(scratch, 'record.json');
  try {
    const child = spawn(
      python,
      [
        ...['-m', 'whorl_training.quantize', '--trained', resolve(trained), '--out', resolve(out)],
        ...['--record', record, '--prints', ...prints.map((folder) => resolve(folder))],
      ],
      { cwd: TRAINING, stdio: ['ignore', 2, 'inherit'] },
    );
    const [status] = (await once(child, 'exit')) as [number | null];
    if (status !== 0) throw new Error(`it ended with status ${String(status)}`);
    return JSON.parse(await readFile(record, 'utf8'));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CalibrationError(
      'calibration.not-quantized',
      `${python} did not quantize the models (${why}); it needs the packages of models/training/requirements.txt`,
      { cause },
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
