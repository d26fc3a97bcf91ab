import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { InferenceError } from './errors.ts';

/** The manifest's layout; a file of another one is refused. */
export const MANIFEST_VERSION = 1;
export const MANIFEST_FILE = 'manifest.json';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex');
const shape = z.array(z.union([z.int().positive(), z.string().min(1)]));
/** By the name that the model's graph gives it; everything is float32. */
const values = z.record(z.string(), z.strictObject({ type: z.literal('float32'), shape }));

const knownAnswer = z.strictObject({
  inputs: z.record(
    z.string(),
    z.strictObject({ pattern: z.enum(['rings', 'noise']), shape: z.array(z.int().positive()) }),
  ),
  outputs: z
    .record(z.string(), z.array(z.number()))
    .describe('values of each output, evenly picked, by the float file on a CPU'),
});

/** How a quantized file was made, and how alike it is to the float one. */
export const quantizationSchema = z.strictObject({
  method: z.string(),
  prints: z.int().positive().describe('artificial prints that the ranges were measured on'),
  printsSha256: sha256,
  cosine: z
    .record(z.string(), z.strictObject({ mean: z.number(), least: z.number() }))
    .describe('between this file’s outputs and the float file’s, on prints that the ranges were not measured on'),
});

const file = z.strictObject({
  path: z
    .string()
    .regex(/^[\w./-]+$/)
    .refine((path) => !path.split('/').includes('..'), 'must stay in the directory'),
  sha256,
  bytes: z.int().positive(),
  precision: z.enum(['float32', 'int8']),
  tolerance: z.number().positive().describe('how far from the known answer it may be, relative root mean square'),
  quantization: quantizationSchema.exactOptional(),
});

const model = z.strictObject({
  id: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .describe('beginning of the float file’s SHA-256: what templates name it by'),
  inputs: values,
  outputs: values,
  licence: z.string().min(1),
  training: z.record(z.string(), z.unknown()).describe('record of the training: data, seed, curves, machine'),
  knownAnswer,
  files: z.array(file).min(1),
});

/** `models/manifest.json`: what the models are, where they come from, and how it is known that they work. */
export const manifestSchema = z.strictObject({
  version: z.literal(MANIFEST_VERSION),
  models: z.record(z.string(), model),
});

export type Manifest = z.output<typeof manifestSchema>;
export type ModelEntry = z.output<typeof model>;
export type ModelFile = z.output<typeof file>;
export type KnownAnswer = z.output<typeof knownAnswer>;
export type DeclaredValues = z.output<typeof values>;

/**
 * Reads the manifest of a directory of models.
 * @throws InferenceError `inference.bad-manifest`
 */
export async function readManifest(directory: string): Promise<Manifest> {
  const path = join(directory, MANIFEST_FILE);
  const advice = 'take the one that came with the models, or make it with "whorl calibrate models"';
  try {
    return manifestSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    const what = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new InferenceError('inference.bad-manifest', `${path} is no manifest of models (${what}); ${advice}`, {
      cause,
    });
  }
}
