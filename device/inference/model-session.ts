import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { InferenceError } from './errors.ts';
import { distanceFrom, knownInputs } from './known-answer.ts';
import type { DeclaredValues, KnownAnswer, ModelEntry, ModelFile } from './manifest.ts';
import { sessionOptions, type Provider } from './provider.ts';
import type { Tensors } from './tensor.ts';

/** What a provider showed when it was given the known inputs. */
export interface Proof {
  /** From the known answer, relative root mean square. */
  readonly distance: number;
  /** Of one run, the median of a few. */
  readonly latencyMs: number;
}

/** Runs that a latency is the median of, after one that warms up; fewer where they take longer than this together. */
const RUNS = 5;
const RUNS_MS = 200;
/** A provider that takes longer for a known input is of no use at a door: a GPU made of software, say. */
const MOST_LATENCY_MS = 250;

/** A model in memory, computed by one provider. */
export class ModelSession {
  readonly #session: InferenceSession;
  /** The last run's feeds and outputs: a run of the same shapes writes into the same memory. */
  #last: { readonly feeds: Tensors; readonly outputs: InferenceSession.OnnxValueMapType } | undefined;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  /**
   * @param bytes of the file, whose hash has been checked
   * @throws InferenceError `inference.unloadable`
   */
  static async open(bytes: Uint8Array, name: string, provider: Provider): Promise<ModelSession> {
    try {
      return new ModelSession(await InferenceSession.create(bytes, sessionOptions(provider)));
    } catch (cause) {
      const message = `${name} cannot be loaded for ${provider}: ${reasonOf(cause)}`;
      throw new InferenceError('inference.unloadable', message, { cause });
    }
  }

  /** @throws InferenceError `inference.other-shape` where it takes or gives anything but 32-bit floats */
  get declared(): { readonly inputs: DeclaredValues; readonly outputs: DeclaredValues } {
    return { inputs: declared(this.#session.inputMetadata), outputs: declared(this.#session.outputMetadata) };
  }

  /** @throws InferenceError `inference.other-shape` */
  checkShapes(name: string, { inputs, outputs }: ModelEntry): void {
    const found = this.declared;
    const wrong = difference(inputs, found.inputs) ?? difference(outputs, found.outputs);
    if (wrong !== undefined)
      throw new InferenceError('inference.other-shape', `${name} is not what the manifest says: ${wrong}`);
  }

  /**
   * Computes the known answer and measures how long that takes.
   * @throws InferenceError `inference.run-failed`
   */
  async prove(knownAnswer: KnownAnswer): Promise<Proof> {
    const inputs = knownInputs(knownAnswer.inputs);
    const distance = distanceFrom(knownAnswer, await this.run(inputs));
    const times: number[] = [];
    const begin = performance.now();
    while (times.length < RUNS && (times.length === 0 || performance.now() - begin < RUNS_MS)) {
      const start = performance.now();
      await this.run(inputs);
      times.push(performance.now() - start);
    }
    return { distance, latencyMs: times.sort((a, b) => a - b)[times.length >> 1] };
  }

  /**
   * The outputs are valid until the next run.
   * @throws InferenceError `inference.run-failed`
   */
  async run(feeds: Tensors): Promise<Tensors> {
    const inputs = Object.fromEntries(
      Object.entries(feeds).map(([name, { data, shape }]) => [name, new OrtTensor('float32', data, shape)]),
    );
    const reused = this.#last && sameShapes(this.#last.feeds, feeds) ? this.#last.outputs : undefined;
    try {
      const outputs = await (reused ? this.#session.run(inputs, reused) : this.#session.run(inputs));
      this.#last = { feeds, outputs };
      return Object.fromEntries(
        Object.entries(outputs).map(([name, { data, dims }]) => [name, { data: data as Float32Array, shape: dims }]),
      );
    } catch (cause) {
      throw new InferenceError('inference.run-failed', `the model failed: ${reasonOf(cause)}`, { cause });
    }
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}

/**
 * @throws InferenceError `inference.model-missing`, `inference.wrong-hash`
 */
export async function readModelFile(directory: string, { path, sha256 }: ModelFile): Promise<Uint8Array> {
  let bytes: Buffer;
  try {
    bytes = await readFile(join(directory, path));
  } catch (cause) {
    throw new InferenceError('inference.model-missing', `${path} cannot be read: install the models anew`, { cause });
  }
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === sha256) return bytes;
  const message = `${path} is not the file of the manifest (its SHA-256 begins with ${found.slice(0, 12)}, not ${sha256.slice(0, 12)}): install the models anew`;
  throw new InferenceError('inference.wrong-hash', message);
}

/** @throws InferenceError `inference.wrong-answer`, `inference.too-slow` */
export function checkProof(name: string, provider: Provider, { tolerance }: ModelFile, proof: Proof): void {
  const { distance, latencyMs } = proof;
  if (distance > tolerance)
    throw new InferenceError(
      'inference.wrong-answer',
      `${provider} computes ${name} wrongly: ${distance.toPrecision(2)} from the known answer, at most ${tolerance}`,
    );
  // Nothing is left to try after the CPU, and a machine that is busy while it starts is not slow for ever.
  if (provider !== 'cpu' && latencyMs > MOST_LATENCY_MS)
    throw new InferenceError(
      'inference.too-slow',
      `${provider} takes ${Math.round(latencyMs)} ms for ${name}, at most ${MOST_LATENCY_MS} ms`,
    );
}

function declared(found: readonly InferenceSession.ValueMetadata[]): DeclaredValues {
  return Object.fromEntries(
    found.map((value) => {
      if (value.isTensor && value.type === 'float32') return [value.name, { type: 'float32', shape: [...value.shape] }];
      throw new InferenceError('inference.other-shape', `"${value.name}" is no tensor of 32-bit floats`);
    }),
  );
}

function difference(wanted: DeclaredValues, found: DeclaredValues): string | undefined {
  const names = (values: DeclaredValues): string => Object.keys(values).toSorted().join();
  if (names(wanted) !== names(found)) return `it has ${names(found)}, not ${names(wanted)}`;
  for (const [name, { shape }] of Object.entries(found))
    if (shape.join() !== wanted[name].shape.join())
      return `"${name}" is [${shape.join()}], not [${wanted[name].shape.join()}]`;
  return undefined;
}

function sameShapes(a: Tensors, b: Tensors): boolean {
  return Object.keys(a).every((name) => a[name].shape.join() === b[name].shape.join());
}

/** The last words of onnxruntime's message; before them it names its own source files. */
function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return (message.trim().split('\n').at(0) ?? message).replace(/^.*was false\. /, '');
}
