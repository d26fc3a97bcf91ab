import type { KnownAnswer } from './manifest.ts';
import { sizeOf, type Tensor, type Tensors } from './tensor.ts';

/** Values of an output that a manifest keeps. */
const MOST_KEPT = 64;
/** Pixels a ridge at 250 dpi. */
const RING_PERIOD = 4.5;
/** Below this an output's size is taken for this: an answer may be all zeros. */
const LEAST_SIZE = 1e-2;

/** The inputs of a known answer, the same on every machine. */
export function knownInputs(inputs: KnownAnswer['inputs']): Tensors {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { pattern, shape }]) => [
      name,
      pattern === 'rings' ? rings(shape) : noise(shape),
    ]),
  );
}

/** What a manifest keeps of the outputs that a known answer was made of. */
export function keptOf(outputs: Tensors): KnownAnswer['outputs'] {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { data }]) => [
      name,
      picked(data).map((value) => Number(value.toPrecision(6))),
    ]),
  );
}

/** How far the worst of the outputs is from the known answer: the root mean square of the difference, relative. */
export function distanceFrom({ outputs: kept }: KnownAnswer, outputs: Tensors): number {
  let worst = 0;
  for (const [name, expected] of Object.entries(kept)) {
    const seen = Object.hasOwn(outputs, name) ? picked(outputs[name].data) : [];
    if (seen.length !== expected.length) return Infinity;
    const difference = rootMeanSquare(expected.map((value, i) => value - seen[i]));
    worst = Math.max(worst, difference / Math.max(LEAST_SIZE, rootMeanSquare(expected)));
  }
  // What is no number is no answer either.
  return Number.isNaN(worst) ? Infinity : worst;
}

function picked(data: Float32Array): number[] {
  const count = Math.min(MOST_KEPT, data.length);
  return Array.from({ length: count }, (_, i) => data[Math.floor((i * data.length) / count)]);
}

function rootMeanSquare(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / Math.max(1, values.length));
}

/** Ridges around a point beside the middle, gray 0 to 1: the last two dimensions are rows and columns. */
function rings(shape: readonly number[]): Tensor {
  const [height, width] = shape.slice(-2);
  const data = new Float32Array(sizeOf(shape));
  for (let i = 0; i < data.length; i++) {
    const x = (i % width) - 0.4 * width;
    const y = (Math.floor(i / width) % height) - 0.45 * height;
    data[i] = 0.5 + 0.5 * Math.cos((2 * Math.PI * Math.hypot(x, y)) / RING_PERIOD);
  }
  return { shape, data };
}

/** Numbers from 0 to 1 without a pattern; each page of the last two dimensions is the same, from its first number on. */
function noise(shape: readonly number[]): Tensor {
  const data = new Float32Array(sizeOf(shape));
  const page = sizeOf(shape.slice(-2));
  for (let i = 0; i < data.length; i++) {
    let bits = Math.imul((i % page) + 1, 0x9e3779b1);
    bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
    bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
    data[i] = ((bits ^ (bits >>> 16)) >>> 8) / 2 ** 24;
  }
  return { shape, data };
}
