import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeModel } from '../../device/inference/describe-model.ts';
import { MANIFEST_FILE, MANIFEST_VERSION, type KnownAnswer, type Manifest } from '../../device/inference/manifest.ts';
import { Random } from '../../models/synthesis/random.ts';

// Real ONNX models of a few hundred bytes, written here: the wire format of protobuf, and the few messages of onnx.proto
// that they need.

const LENGTH_DELIMITED = 2;
const FLOAT = 1;
const OPSET = 16;
const IR_VERSION = 8;

type Field = readonly [number: number, value: number | string | Uint8Array];

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

function message(...fields: Field[]): Uint8Array {
  return Buffer.concat(
    fields.map(([number, value]) => {
      if (typeof value === 'number') return Buffer.from([...varint(number << 3), ...varint(value)]);
      const bytes = Buffer.from(value);
      return Buffer.concat([
        Buffer.from([...varint((number << 3) | LENGTH_DELIMITED), ...varint(bytes.length)]),
        bytes,
      ]);
    }),
  );
}

const INTS = 7;

/** A node whose attributes are lists of whole numbers. */
function node(
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, readonly number[]>> = {},
): Field {
  const given = Object.entries(attributes).map(([name, numbers]): Field => {
    return [5, message([1, name], ...numbers.map((number): Field => [8, number]), [20, INTS])];
  });
  return [1, message(...inputs.map((input): Field => [1, input]), [2, output], [4, op], ...given)];
}

/** Weights without a pattern, small. */
function weights(name: string, ...dims: readonly number[]): Field {
  const random = new Random(dims.length);
  const count = dims.reduce((product, side) => product * side, 1);
  const data = Float32Array.from({ length: count }, () => random.between(-0.2, 0.2));
  const bytes = new Uint8Array(data.buffer);
  return [5, message(...dims.map((side): Field => [1, side]), [2, FLOAT], [8, name], [9, bytes])];
}

function value(name: string, sides: readonly (string | number)[]): Uint8Array {
  const shape = message(...sides.map((side): Field => [1, message(typeof side === 'number' ? [1, side] : [2, side])]));
  return message([1, name], [2, message([1, message([1, FLOAT], [2, shape])])]);
}

/** Multiplies `x`, a square matrix of any side, by itself so many times: quick on a small one, slow on a large one. */
export function tinyModel(rounds: number, last = 'Tanh'): Uint8Array {
  const nodes: Field[] = [];
  let from = 'x';
  for (let i = 0; i < rounds; i++) {
    nodes.push(node('MatMul', [from, 'x'], `m${i}`), node('Tanh', [`m${i}`], `t${i}`));
    from = `t${i}`;
  }
  const sides = ['n', 'n'];
  return model(...nodes, node(last, [from], 'y'), [11, value('x', sides)], [12, value('y', sides)]);
}

function model(...graph: Field[]): Uint8Array {
  return message([1, IR_VERSION], [7, message(...graph, [2, 'tiny'])], [8, message([2, OPSET])]);
}

const CELL = { strides: [8, 8] };
const cells = ['rows', 'columns'];

/** Shaped as the real ones, and as good as none: each output is one convolution of a cell. */
const NETWORKS: Readonly<Record<string, { bytes: Uint8Array; inputs: KnownAnswer['inputs'] }>> = {
  backbone: {
    bytes: model(
      weights('wd', 48, 1, 8, 8),
      weights('wc', 1, 1, 8, 8),
      weights('wp', 4, 1, 8, 8),
      node('Conv', ['image', 'wd'], 'descriptors', CELL),
      node('Conv', ['image', 'wc'], 'judged', CELL),
      node('Sigmoid', ['judged'], 'confidence'),
      node('Conv', ['image', 'wp'], 'place', CELL),
      [11, value('image', [1, 1, 'height', 'width'])],
      [12, value('descriptors', [1, 48, ...cells])],
      [12, value('confidence', [1, 1, ...cells])],
      [12, value('place', [1, 4, ...cells])],
    ),
    inputs: { image: { pattern: 'rings', shape: [1, 1, 96, 96] } },
  },
  encoder: {
    bytes: model(
      weights('w', 256, 1, 128, 128),
      node('Conv', ['print', 'w'], 'whole'),
      node('Flatten', ['whole'], 'flat'),
      node('Tanh', ['flat'], 'latent'),
      [11, value('print', ['n', 1, 128, 128])],
      [12, value('latent', ['n', 256])],
    ),
    inputs: { print: { pattern: 'rings', shape: [1, 1, 128, 128] } },
  },
};

/** A side at which the models of `writeTinyModels` compute for seconds. */
export const SLOW_SIDE = 1_500;
const SLOW_ROUNDS = 40;

/** Writes a directory of two models, `one` and `two`, with their manifest. */
export function writeTinyModels(directory: string): Promise<Manifest> {
  const inputs: KnownAnswer['inputs'] = { x: { pattern: 'noise', shape: [4, 4] } };
  const of = (rounds: number): (typeof NETWORKS)[string] => ({ bytes: tinyModel(rounds), inputs });
  return writeModels(directory, { one: of(SLOW_ROUNDS), two: of(1) });
}

/** The same of a backbone and an encoder that a terminal can use, though not to anybody's profit. */
export function writeTinyNetworks(directory: string): Promise<Manifest> {
  return writeModels(directory, NETWORKS);
}

async function writeModels(directory: string, written: typeof NETWORKS): Promise<Manifest> {
  mkdirSync(directory, { recursive: true });
  const models: Manifest['models'] = {};
  for (const [name, { bytes, inputs }] of Object.entries(written)) {
    const path = `${name}.onnx`;
    writeFileSync(join(directory, path), bytes);
    models[name] = {
      ...(await describeModel(bytes, name, inputs)),
      licence: 'none',
      training: {},
      files: [{ path, sha256: sha256(bytes), bytes: bytes.length, precision: 'float32', tolerance: 0.001 }],
    };
  }
  const manifest: Manifest = { version: MANIFEST_VERSION, models };
  writeManifest(directory, manifest);
  return manifest;
}

export function writeManifest(directory: string, manifest: unknown): void {
  writeFileSync(join(directory, MANIFEST_FILE), JSON.stringify(manifest));
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
