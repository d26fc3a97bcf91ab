import { createHash } from 'node:crypto';
import { distanceFrom, keptOf, knownInputs } from './known-answer.ts';
import type { KnownAnswer, ModelEntry } from './manifest.ts';
import { ModelSession } from './model-session.ts';

/** What a manifest says of a float model, found by running it on this machine's CPU. */
export type ModelDescription = Pick<ModelEntry, 'id' | 'inputs' | 'outputs' | 'knownAnswer'>;

/** Hexadecimal digits of its hash that a model is named by. */
const ID_DIGITS = 16;

/**
 * @param bytes of the float file
 * @param inputs of the known answer
 * @throws InferenceError `inference.unloadable`, `inference.other-shape`, `inference.run-failed`
 */
export async function describeModel(
  bytes: Uint8Array,
  name: string,
  inputs: KnownAnswer['inputs'],
): Promise<ModelDescription> {
  const session = await ModelSession.open(bytes, name, 'cpu');
  try {
    const outputs = keptOf(await session.run(knownInputs(inputs)));
    const id = createHash('sha256').update(bytes).digest('hex').slice(0, ID_DIGITS);
    return { id, ...session.declared, knownAnswer: { inputs, outputs } };
  } finally {
    await session.release();
  }
}

/**
 * How far a file's outputs on this machine's CPU are from the known answer, relative root mean square.
 * @throws InferenceError `inference.unloadable`, `inference.run-failed`
 */
export async function measureFile(bytes: Uint8Array, name: string, knownAnswer: KnownAnswer): Promise<number> {
  const session = await ModelSession.open(bytes, name, 'cpu');
  try {
    return distanceFrom(knownAnswer, await session.run(knownInputs(knownAnswer.inputs)));
  } finally {
    await session.release();
  }
}
