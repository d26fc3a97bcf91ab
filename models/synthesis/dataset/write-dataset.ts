import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Worker } from 'node:worker_threads';
import { SynthesisError } from '../errors.ts';
import { GENERATOR_VERSION } from '../finger.ts';
import { unitsOf, type DatasetPlan } from './plan.ts';
import { writeWhole } from './png-unit.ts';
import type { UnitAnswer } from './unit-worker.ts';

/** `manifest.json` of a finished dataset; while it is being written it lacks the hash. */
export interface DatasetManifest extends DatasetPlan {
  readonly generatorVersion: number;
  /** SHA-256 over the units' hashes in order: the same for a plan on every machine. */
  readonly sha256?: string;
}

export interface WriteOptions {
  /** Threads. */
  readonly jobs: number;
  readonly signal: AbortSignal;
  /** Told as units are finished, with those that an earlier run left. */
  readonly onProgress: (units: number, total: number) => void;
}

const MANIFEST = 'manifest.json';
/** Finished units, a line each: number and hash. */
const DONE = 'units.txt';

/**
 * Writes a dataset, or what an interrupted run of the same plan left undone.
 *
 * @throws SynthesisError `synthesis.bad-plan`; `synthesis.other-dataset` where the directory holds one of another plan or generator
 */
export async function writeDataset(
  plan: DatasetPlan,
  directory: string,
  { jobs, signal, onProgress }: WriteOptions,
): Promise<DatasetManifest> {
  if (plan.alterations && plan.format !== 'png')
    throw new SynthesisError('synthesis.bad-plan', 'altered prints are written as PNG only: leave out --format');
  const done = await prepare(plan, directory);
  const total = unitsOf(plan);
  const hashes = new Map([...done].filter(([unit]) => unit < total));
  const left = Array.from({ length: total }, (_, unit) => unit).filter((unit) => !hashes.has(unit));
  onProgress(hashes.size, total);

  const serve = async (worker: Worker): Promise<void> => {
    for (let unit = left.shift(); unit !== undefined; unit = left.shift()) {
      signal.throwIfAborted();
      const hash = await ask(worker, unit, signal);
      hashes.set(unit, hash);
      await appendFile(join(directory, DONE), `${unit} ${hash}\n`);
      onProgress(hashes.size, total);
    }
  };
  const workers = Array.from(
    { length: Math.min(jobs, left.length) },
    () => new Worker(new URL('./unit-worker.mjs', import.meta.url), { workerData: { plan, directory } }),
  );
  try {
    await Promise.all(workers.map(serve));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  const hash = createHash('sha256');
  for (let unit = 0; unit < total; unit++) hash.update(hashes.get(unit) ?? '');
  const manifest: DatasetManifest = { generatorVersion: GENERATOR_VERSION, ...plan, sha256: hash.digest('hex') };
  await writeWhole(join(directory, MANIFEST), `${JSON.stringify(manifest, undefined, 2)}\n`);
  return manifest;
}

/** Makes the directory, or recognises it as this plan's; returns the finished units' hashes. */
async function prepare(plan: DatasetPlan, directory: string): Promise<Map<number, string>> {
  const path = join(directory, MANIFEST);
  try {
    mkdirSync(directory, { recursive: true });
    if (!existsSync(path)) {
      const manifest: DatasetManifest = { generatorVersion: GENERATOR_VERSION, ...plan };
      await writeWhole(path, `${JSON.stringify(manifest, undefined, 2)}\n`);
      return new Map();
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SynthesisError('synthesis.write-failed', `${directory} cannot be written: ${reason}`, { cause });
  }
  const expected: DatasetManifest = { generatorVersion: GENERATOR_VERSION, ...plan };
  if (!isDeepStrictEqual({ ...readManifest(path), sha256: undefined }, { ...expected, sha256: undefined }))
    throw new SynthesisError(
      'synthesis.other-dataset',
      `${directory} holds another dataset (see its ${MANIFEST}); give an empty directory or the same options`,
    );
  const lines = existsSync(join(directory, DONE)) ? readFileSync(join(directory, DONE), 'utf8').split('\n') : [];
  const whole = lines.map((line) => /^(\d+) ([0-9a-f]{64})$/.exec(line)).filter((match) => match !== null);
  return new Map(whole.map(([, unit, hash]) => [Number(unit), hash]));
}

function readManifest(path: string): DatasetManifest {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as DatasetManifest;
  } catch (cause) {
    throw new SynthesisError('synthesis.bad-manifest', `${path} is no manifest of a dataset; remove it to start anew`, {
      cause,
    });
  }
}

function ask(worker: Worker, unit: number, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      worker.off('message', answered).off('error', failed).off('exit', ended);
      signal.removeEventListener('abort', aborted);
      finish();
    };
    const answered = (answer: UnitAnswer): void => {
      settle(() => {
        if ('hash' in answer) resolve(answer.hash);
        else reject(new SynthesisError('synthesis.write-failed', `the dataset cannot be written: ${answer.failure}`));
      });
    };
    const failed = (cause: unknown): void => {
      const reason = cause instanceof Error ? cause.message : String(cause);
      settle(() => {
        reject(new SynthesisError('synthesis.worker-failed', `a thread of the generator failed: ${reason}`, { cause }));
      });
    };
    const ended = (status: number): void => {
      failed(new Error(`it ended with status ${status}`));
    };
    const aborted = (): void => {
      settle(() => {
        reject(signal.reason instanceof Error ? signal.reason : new Error('interrupted'));
      });
    };
    worker.on('message', answered).on('error', failed).on('exit', ended);
    signal.addEventListener('abort', aborted, { once: true });
    worker.postMessage(unit);
  });
}
