import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeModel } from '../../device/inference/describe-model.ts';
import { MANIFEST_FILE, MANIFEST_VERSION, type Manifest } from '../../device/inference/manifest.ts';

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

const node = (op: string, inputs: readonly string[], output: string): Field => [
  1,
  message(...inputs.map((input): Field => [1, input]), [2, output], [4, op]),
];

function value(name: string, sides: readonly string[]): Uint8Array {
  const shape = message(...sides.map((side): Field => [1, message([2, side])]));
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
  const graph = message(
    ...nodes,
    node(last, [from], 'y'),
    [2, 'tiny'],
    [11, value('x', sides)],
    [12, value('y', sides)],
  );
  return message([1, IR_VERSION], [7, graph], [8, message([2, OPSET])]);
}

/** A side at which the models of `writeTinyModels` compute for seconds. */
export const SLOW_SIDE = 1_500;
const SLOW_ROUNDS = 40;

/** Writes a directory of two models, `one` and `two`, with their manifest. */
export async function writeTinyModels(directory: string): Promise<Manifest> {
  mkdirSync(directory, { recursive: true });
  const models: Manifest['models'] = {};
  for (const [name, rounds] of [
    ['one', SLOW_ROUNDS],
    ['two', 1],
  ] as const) {
    const bytes = tinyModel(rounds);
    const path = `${name}.onnx`;
    writeFileSync(join(directory, path), bytes);
    models[name] = {
      ...(await describeModel(bytes, name, { x: { pattern: 'noise', shape: [4, 4] } })),
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
