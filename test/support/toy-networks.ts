import { InferenceError } from '../../device/inference/errors.ts';
import type { Inference, InferenceStatus } from '../../device/inference/inference.ts';
import type { Tensor, Tensors } from '../../device/inference/tensor.ts';
import { CELL, DESCRIPTOR, GRID_CELLS, GRID_SIDE, PLACE_UNIT } from '../../device/matching/siamese/layout.ts';

const LATENT = 256;
const SHIFTS = 2;
type Model = 'backbone' | 'encoder' | 'siamese';

/**
 * Networks of the shipped ones' shapes in plain arithmetic: cells are described by signs of fixed random sums of their
 * pixels, fingers are always upright in the middle. They tell a print from another one where it hardly moved, no more.
 */
export class ToyNetworks implements Inference {
  /** By model, what stands in for its file's hash; a model that is missing here is refused. */
  ids: Partial<Record<Model, string>> = {
    backbone: 'b0b0b0b0b0b0b0b0',
    encoder: 'e0e0e0e0e0e0e0e0',
    siamese: 'a0a0a0a0a0a0a0a0',
  };
  /** Asked before each run: what the run fails with. */
  failure: (model: string) => InferenceError | undefined = () => undefined;
  /** How often each model ran. */
  readonly runs: Record<Model, number> = { backbone: 0, encoder: 0, siamese: 0 };

  async run(model: string, feeds: Tensors, signal?: AbortSignal): Promise<Tensors> {
    await new Promise(setImmediate);
    signal?.throwIfAborted();
    const failure = this.failure(model);
    if (failure) throw failure;
    if (!this.ready(model)) throw new InferenceError('inference.unavailable', `${model} cannot be used now: refused`);
    this.runs[model as Model]++;
    if (model === 'backbone') return describe(feeds.image);
    if (model === 'encoder') return { latent: encode(feeds.print) };
    return compare(feeds);
  }

  ready(model: string): { readonly id: string } | undefined {
    const id = this.ids[model as Model];
    return id === undefined ? undefined : { id };
  }

  status(): InferenceStatus {
    const ready = Object.entries(this.ids).map(([name, id]) => [
      name,
      {
        ...{ id, attempts: [], state: 'ready', provider: 'cpu', file: `${name}.onnx`, precision: 'float32' },
        ...{ sha256: id.repeat(4), proof: { distance: 0, latencyMs: 1 } },
      },
    ]);
    return { state: 'running', models: Object.fromEntries(ready) as InferenceStatus['models'], restarts: 0 };
  }

  close(): Promise<void> {
    this.ids = {};
    return Promise.resolve();
  }
}

/** 1 or −1, always the same for the same numbers. */
function sign(row: number, column: number): number {
  let bits = Math.imul(row + 1, 0x9e3779b1) ^ Math.imul(column + 1, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 15), 0xc2b2ae35);
  return (bits >>> 13) & 1 ? 1 : -1;
}

function describe({ shape, data }: Tensor): Tensors {
  const [, , height, width] = shape;
  const [rows, columns] = [height / CELL, width / CELL];
  const count = rows * columns;
  const descriptors = new Float32Array(DESCRIPTOR * count);
  const confidence = new Float32Array(count);
  const place = new Float32Array(4 * count);
  for (let cell = 0; cell < count; cell++) {
    const [left, top] = [CELL * (cell % columns), CELL * Math.floor(cell / columns)];
    const block = Array.from({ length: CELL * CELL }, (_, k) => data[(top + (k >> 3)) * width + left + (k & 7)]);
    const mean = block.reduce((sum, value) => sum + value, 0) / block.length;
    const spread = Math.sqrt(block.reduce((sum, value) => sum + (value - mean) ** 2, 0) / block.length);
    confidence[cell] = Math.min(1, 5 * spread);
    const sums = Array.from({ length: DESCRIPTOR }, (_, k) =>
      block.reduce((sum, value, pixel) => sum + sign(k, pixel) * (value - mean), 0),
    );
    const length = Math.hypot(...sums) || 1;
    sums.forEach((sum, k) => (descriptors[k * count + cell] = sum / length));
    place[cell] = (left + CELL / 2 - width / 2) / PLACE_UNIT;
    place[count + cell] = (top + CELL / 2 - height / 2) / PLACE_UNIT;
    place[2 * count + cell] = 1;
  }
  return {
    descriptors: { shape: [1, DESCRIPTOR, rows, columns], data: descriptors },
    confidence: { shape: [1, 1, rows, columns], data: confidence },
    place: { shape: [1, 4, rows, columns], data: place },
  };
}

function encode({ shape, data }: Tensor): Tensor {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const latent = new Float32Array(shape[0] * LATENT);
  for (let k = 0; k < LATENT; k++) {
    let sum = 0;
    for (let at = k % 7; at < data.length; at += 7) sum += sign(k, at) * (data[at] - mean);
    latent[k] = Math.tanh(sum / 30);
  }
  return { shape: [shape[0], LATENT], data: latent };
}

function compare({ probe, probe_weight, references, references_weight }: Tensors): Tensors {
  const [count] = references.shape;
  const score = new Float32Array(count);
  const shift = new Float32Array(2 * count);
  for (let reference = 0; reference < count; reference++)
    for (let down = -SHIFTS; down <= SHIFTS; down++)
      for (let right = -SHIFTS; right <= SHIFTS; right++) {
        let [votes, overlap] = [0, 4];
        for (let cell = 0; cell < GRID_CELLS; cell++) {
          const [x, y] = [(cell % GRID_SIDE) + right, Math.floor(cell / GRID_SIDE) + down];
          if (x < 0 || y < 0 || x >= GRID_SIDE || y >= GRID_SIDE) continue;
          const other = reference * GRID_CELLS + y * GRID_SIDE + x;
          const weight = probe_weight.data[cell] * references_weight.data[other];
          let alike = -0.25;
          for (let k = 0; k < DESCRIPTOR; k++)
            alike += probe.data[cell * DESCRIPTOR + k] * references.data[other * DESCRIPTOR + k];
          votes += weight * alike;
          overlap += weight;
        }
        const here = votes / Math.sqrt(overlap);
        if (here <= score[reference]) continue;
        score[reference] = here;
        [shift[2 * reference], shift[2 * reference + 1]] = [right, down];
      }
  return {
    probability: { shape: [count], data: score.map((value) => 1 / (1 + Math.exp(2 - value))) },
    score: { shape: [count], data: score },
    rotation: { shape: [count], data: new Float32Array(count) },
    shift: { shape: [count, 2], data: shift },
  };
}
