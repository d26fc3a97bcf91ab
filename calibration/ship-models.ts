import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { describeModel, measureFile } from '../device/inference/describe-model.ts';
import {
  MANIFEST_FILE,
  MANIFEST_VERSION,
  manifestSchema,
  quantizationSchema,
  type KnownAnswer,
  type Manifest,
  type ModelFile,
} from '../device/inference/manifest.ts';
import { CalibrationError } from './errors.ts';
import { modelCard } from './model-card.ts';

interface Shipped {
  /** Of the known answer: pictures of ridges, or numbers without a pattern. */
  readonly inputs: KnownAnswer['inputs'];
  /** Whose training it comes from. */
  readonly training: string;
  /** Path, the float file first. */
  readonly files: readonly (readonly [ModelFile['precision'], path: string])[];
}

const noise = (...shape: readonly number[]): KnownAnswer['inputs'][string] => ({ pattern: 'noise', shape: [...shape] });
const rings = (...shape: readonly number[]): KnownAnswer['inputs'][string] => ({ pattern: 'rings', shape: [...shape] });

/** The models, and the known answer of each: a print of the R503's size, and eight references like the probe. */
const SHIPPED: Readonly<Record<string, Shipped>> = {
  backbone: {
    inputs: { image: rings(1, 1, 96, 96) },
    training: 'backbone',
    files: [
      ['float32', 'float/backbone.onnx'],
      ['int8', 'backbone.onnx'],
    ],
  },
  encoder: {
    inputs: { print: rings(1, 1, 128, 128) },
    training: 'encoder',
    files: [
      ['float32', 'float/encoder.onnx'],
      ['int8', 'encoder.onnx'],
    ],
  },
  siamese: {
    inputs: {
      probe: noise(144, 48),
      probe_weight: noise(144),
      references: noise(8, 144, 48),
      references_weight: noise(8, 144),
    },
    training: 'backbone',
    files: [['float32', 'siamese.onnx']],
  },
};

/** How far a provider's numbers may be from the known answer: GPUs multiply with 10 bits of mantissa. */
const FLOAT_TOLERANCE = 0.02;
/** What another processor's rounding of int8 may add to what was measured here. */
const INT8_ROOM = 2;

const quantizations = z.record(z.string(), quantizationSchema);

/**
 * Writes manifest and cards of a directory of models.
 *
 * @param directory with the files, as `whorl_training.quantize` writes them
 * @param trained directory of the training's records, `<model>.json`
 * @param record of quantization
 * @throws CalibrationError `calibration.no-record`; InferenceError where a model does not work
 */
export async function shipModels(directory: string, trained: string, record: unknown): Promise<Manifest> {
  const quantization = quantizations.parse(record);
  const manifest: Manifest = { version: MANIFEST_VERSION, models: {} };
  for (const [name, { inputs, training, files }] of Object.entries(SHIPPED)) {
    const [[, floatPath]] = files;
    const described = await describeModel(await readFile(join(directory, floatPath)), name, inputs);
    manifest.models[name] = {
      ...described,
      licence: 'Apache-2.0',
      training: await trainingRecord(join(trained, `${training}.json`)),
      files: await Promise.all(
        files.map(async ([precision, path]) => {
          const bytes = await readFile(join(directory, path));
          const distance = await measureFile(bytes, name, described.knownAnswer);
          return {
            path,
            sha256: createHash('sha256').update(bytes).digest('hex'),
            bytes: bytes.length,
            precision,
            tolerance: Math.max(FLOAT_TOLERANCE, Number((INT8_ROOM * distance).toPrecision(2))),
            ...(precision === 'int8' && { quantization: quantization[name] }),
          };
        }),
      ),
    };
  }
  manifestSchema.parse(manifest);
  await writeFile(join(directory, MANIFEST_FILE), `${JSON.stringify(manifest)}\n`);
  for (const [name, entry] of Object.entries(manifest.models))
    await writeFile(join(directory, `${name}.md`), modelCard(name, entry));
  return manifest;
}

async function trainingRecord(path: string): Promise<Record<string, unknown>> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new CalibrationError(
      'calibration.no-record',
      `${path} is no record of a training: copy the record.json that the training wrote there`,
      { cause },
    );
  }
}
