import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { decodeImage } from '../device/imaging/decode.ts';
import type { Inference } from '../device/inference/inference.ts';
import { cosineOf } from '../device/matching/latent/cosine.ts';
import { describeTouch, type TouchDescription } from '../device/matching/siamese/describe.ts';
import { packGrid } from '../device/matching/siamese/grid-codec.ts';
import { headFeeds, readHead } from '../device/matching/siamese/head.ts';
import { pairIndex } from './pair-index.ts';
import type { PrintFile, PrintSet } from './print-set.ts';

/** What the networks say of every pair of prints of a set (see `pairIndex`); NaN where one of the two is no picture. */
export interface NeuralScores {
  /** Cosines of latents; NaN too where there is no encoder. */
  readonly latent: Float64Array;
  readonly siamese: Float64Array;
}

/** By print; undefined where it could not be decoded. */
type Latents = readonly (Int8Array | undefined)[];

/** Of the layout of what is kept, and of how the networks are fed: a change makes everything anew. */
const KEPT_VERSION = 2;
/** References that go to the head at once. */
const BATCH = 64;
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
  const at = (models: readonly string[]): string | undefined =>
    cache === undefined ? undefined : join(cache, keyOf(inference, models, set, files));
  const [latentsAt, siameseAt] = [at(['backbone', 'encoder']), at(['backbone', 'siamese'])];
  let latents = await recall<Latents>(latentsAt);
  let siamese = await recall<Float64Array>(siameseAt);
  if (latents === undefined || siamese === undefined) {
    const described = await describeAll(inference, set, files, onProgress);
    latents ??= await keep(
      latentsAt,
      described.map((one) => one?.latent?.values),
    );
    siamese ??= await keep(siameseAt, await compareAll(inference, set, described, onProgress));
  }
  return { latent: cosinesOf(latents), siamese };
}

/** Of the prints and of these models: what others computed is kept beside it. */
function keyOf(
  inference: Inference,
  names: readonly string[],
  { dpi, prints }: PrintSet,
  files: readonly Uint8Array[],
): string {
  const hash = createHash('sha256').update(JSON.stringify([KEPT_VERSION, dpi]));
  const { models } = inference.status();
  for (const name of names) {
    const model = Object.hasOwn(models, name) ? models[name] : undefined;
    hash.update(`${name} ${model?.state === 'ready' ? model.sha256 : 'none'}\0`);
  }
  files.forEach((bytes, print) => {
    hash.update(`${prints[print].file}\0`).update(createHash('sha256').update(bytes).digest());
  });
  return hash.digest('hex').slice(0, 32);
}

/** None, or half a file: it is made anew. */
async function recall<T>(path: string | undefined): Promise<T | undefined> {
  try {
    return path === undefined ? undefined : (deserialize(await readFile(path)) as T);
  } catch {
    return undefined;
  }
}

async function keep<T>(path: string | undefined, value: T): Promise<T> {
  if (path === undefined) return value;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, serialize(value), { mode: 0o600 });
  await rename(`${path}.new`, path);
  return value;
}

type Progress = (stage: string, done: number, total: number) => void;

async function describeAll(
  inference: Inference,
  { name, dpi, prints }: PrintSet,
  files: readonly Uint8Array[],
  onProgress: Progress,
): Promise<(TouchDescription | undefined)[]> {
  const described: (TouchDescription | undefined)[] = [];
  for (const [print, bytes] of files.entries()) {
    described.push(await describe(inference, prints[print], bytes, dpi));
    onProgress(`${name}: networks`, print + 1, files.length);
  }
  return described;
}

async function compareAll(
  inference: Inference,
  { name, prints }: PrintSet,
  described: readonly (TouchDescription | undefined)[],
  onProgress: Progress,
): Promise<Float64Array> {
  const packed = described.map((one) => one && packGrid(one.grid.values));
  const siamese = new Float64Array(pairIndex(0, prints.length)).fill(NaN);
  for (const [probe, one] of described.entries()) {
    const references = [...packed.keys()].slice(0, probe).filter((reference) => packed[reference] !== undefined);
    for (let from = 0; one && from < references.length; from += BATCH) {
      const some = references.slice(from, from + BATCH);
      const feeds = headFeeds(
        one.grid.values,
        some.flatMap((reference) => packed[reference] ?? []),
      );
      readHead(await inference.run('siamese', feeds)).forEach(({ score }, k) => {
        siamese[pairIndex(some[k], probe)] = score;
      });
    }
    onProgress(`${name}: siamese comparisons of prints`, probe + 1, prints.length);
  }
  return siamese;
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

function cosinesOf(latents: Latents): Float64Array {
  const cosines = new Float64Array(pairIndex(0, latents.length)).fill(NaN);
  latents.forEach((probe, p) => {
    latents.slice(0, p).forEach((reference, r) => {
      if (probe && reference) cosines[pairIndex(r, p)] = cosineOf(probe, reference);
    });
  });
  return cosines;
}
