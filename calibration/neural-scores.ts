import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { decodeImage } from '../device/imaging/decode.ts';
import type { Inference } from '../device/inference/inference.ts';
import { describeTouch } from '../device/matching/siamese/describe.ts';
import { packGrid } from '../device/matching/siamese/grid-codec.ts';
import type { Grid } from '../device/matching/siamese/grid.ts';
import { headFeeds, readHead } from '../device/matching/siamese/head.ts';
import { pairIndex } from './pair-index.ts';
import type { PrintFile, PrintSet } from './print-set.ts';

/** What the networks say of every pair of prints of a set (see `pairIndex`); NaN where one of the two is no picture. */
export interface NeuralScores {
  /** Cosines of latents; NaN too where there is no encoder. */
  readonly latent: Float64Array;
  readonly siamese: Float64Array;
}

/** What is kept of a set between runs. */
interface Kept {
  /** By print; undefined where it could not be decoded. */
  readonly latents: readonly (Int8Array | undefined)[];
  readonly siamese: Float64Array;
}

/** Of the layout of what is kept, and of how the networks are fed: a change makes everything anew. */
const KEPT_VERSION = 1;
/** References that go to the head at once. */
const BATCH = 64;
/** The models that comparisons rest on. */
export const MODELS = ['backbone', 'encoder', 'siamese'] as const;

/**
 * Describes every print of a set by the networks and compares every pair once, the probe's grid as the backbone left it
 * and the reference's as it is stored.
 *
 * @param cache directory where the outcome of each set of prints and models is kept: it can tell fingers apart, so treat
 *   it as the prints
 */
export async function neuralScores(
  inference: Inference,
  set: PrintSet,
  cache: string | undefined,
  onProgress: (stage: string, done: number, total: number) => void,
): Promise<NeuralScores> {
  const files = await Promise.all(set.prints.map(({ path }) => readFile(path)));
  const kept = join(cache ?? '', keyOf(inference, set, files));
  const known = cache === undefined ? undefined : await recall(kept);
  if (known) return scoresOf(known);
  const made = await make(inference, set, files, onProgress);
  if (cache !== undefined) {
    await mkdir(cache, { recursive: true, mode: 0o700 });
    await writeFile(`${kept}.new`, serialize(made), { mode: 0o600 });
    await rename(`${kept}.new`, kept);
  }
  return scoresOf(made);
}

function keyOf(inference: Inference, { dpi, prints }: PrintSet, files: readonly Uint8Array[]): string {
  const hash = createHash('sha256').update(JSON.stringify([KEPT_VERSION, dpi]));
  const { models } = inference.status();
  for (const name of MODELS) {
    const model = Object.hasOwn(models, name) ? models[name] : undefined;
    hash.update(`${name} ${model?.state === 'ready' ? model.sha256 : 'none'}\0`);
  }
  files.forEach((bytes, print) => {
    hash.update(`${prints[print].file}\0`).update(createHash('sha256').update(bytes).digest());
  });
  return hash.digest('hex').slice(0, 32);
}

async function recall(path: string): Promise<Kept | undefined> {
  try {
    return deserialize(await readFile(path)) as Kept;
  } catch {
    // None, or half a file: it is made anew.
    return undefined;
  }
}

async function make(
  inference: Inference,
  { name, dpi, prints }: PrintSet,
  files: readonly Uint8Array[],
  onProgress: (stage: string, done: number, total: number) => void,
): Promise<Kept> {
  const latents: (Int8Array | undefined)[] = [];
  const fresh: (Grid | undefined)[] = [];
  for (const [print, bytes] of files.entries()) {
    const described = await describe(inference, prints[print], bytes, dpi);
    latents.push(described?.latent?.values);
    fresh.push(described?.grid.values);
    onProgress(`${name}: networks`, print + 1, files.length);
  }
  const packed = fresh.map((grid) => grid && packGrid(grid));
  const siamese = new Float64Array(pairIndex(0, prints.length)).fill(NaN);
  for (const [probe, grid] of fresh.entries()) {
    const references = [...packed.keys()].slice(0, probe).filter((reference) => packed[reference] !== undefined);
    for (let from = 0; grid && from < references.length; from += BATCH) {
      const some = references.slice(from, from + BATCH);
      const feeds = headFeeds(
        grid,
        some.flatMap((reference) => packed[reference] ?? []),
      );
      readHead(await inference.run('siamese', feeds)).forEach(({ score }, k) => {
        siamese[pairIndex(some[k], probe)] = score;
      });
    }
    onProgress(`${name}: siamese comparisons of prints`, probe + 1, prints.length);
  }
  return { latents, siamese };
}

/** Records hold no picture; what cannot be decoded is told by whoever acquires it. */
async function describe(
  inference: Inference,
  { file }: PrintFile,
  bytes: Uint8Array,
  dpi: number,
): ReturnType<typeof describeTouch> {
  if (file.endsWith('.xyt')) return undefined;
  let image;
  try {
    image = await decodeImage(bytes, { dpi });
  } catch {
    return undefined;
  }
  return describeTouch(inference, image);
}

function scoresOf({ latents, siamese }: Kept): NeuralScores {
  const latent = new Float64Array(siamese.length).fill(NaN);
  const norms = latents.map((values) => Math.sqrt(dot(values ?? new Int8Array(), values ?? new Int8Array())));
  latents.forEach((probe, p) => {
    latents.slice(0, p).forEach((reference, r) => {
      const product = norms[p] * norms[r];
      if (probe && reference && product > 0) latent[pairIndex(r, p)] = dot(probe, reference) / product;
    });
  });
  return { latent, siamese };
}

function dot(a: Int8Array, b: Int8Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}
