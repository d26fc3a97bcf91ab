import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Evaluation, report, type SetMeasurement } from '../../calibration/evaluation.ts';
import type { PrintSet } from '../../calibration/print-set.ts';
import { systemClock } from '../../device/clock.ts';
import type { Inference } from '../../device/inference/inference.ts';
import { MANIFEST_FILE, readManifest } from '../../device/inference/manifest.ts';
import { openInference } from '../../device/inference/open-inference.ts';
import type { Fusion } from '../../device/matching/fusion/fusion.ts';
import { SHIPPED_MODELS } from '../../device/models-directory.ts';
import { judged, type Claim } from './claim.ts';

/** What int8 may cost, points of EER. */
const MOST_COST = 0.3;
const LEAST_COSINE = 0.995;
const MATCHERS = ['siamese', 'fused'] as const;

/** Quantization as it was measured when it was made, on prints that its ranges were not measured on. */
export async function proveCosines(): Promise<Claim[]> {
  const { models } = await readManifest(SHIPPED_MODELS);
  return Object.entries(models).flatMap(([name, { files }]) =>
    files.flatMap(({ precision, quantization }) => {
      if (precision !== 'int8' || quantization === undefined) return [];
      const worst = Math.min(...Object.values(quantization.cosine).map(({ mean }) => mean));
      const claim = `${name}: int8 and float outputs alike, mean cosine`;
      return [judged(claim, worst.toFixed(4), String(LEAST_COSINE), worst >= LEAST_COSINE)];
    }),
  );
}

/** The same sets by the int8 files and by the float files, everything else the same. */
export async function provePrecision(sets: readonly PrintSet[], fusion: Fusion, cache: string): Promise<Claim[]> {
  const directory = await withoutInt8();
  try {
    const eers: Record<'int8' | 'float', Record<string, number>> = { int8: {}, float: {} };
    for (const [precision, models] of [
      ['int8', SHIPPED_MODELS],
      ['float', directory],
    ] as const) {
      const inference = await openInference({ models, clock: systemClock, providers: ['cpu'] });
      try {
        const { matchers } = report(await measureAll(sets, inference, fusion, cache));
        for (const name of MATCHERS) eers[precision][name] = matchers[name].pairs.eer ?? NaN;
      } finally {
        await inference.close();
      }
    }
    return MATCHERS.map((name) => {
      const [int8, float] = [eers.int8[name], eers.float[name]];
      const claim = `int8 instead of float, ${name}, pooled pairs of ${sets.length} sets: EER`;
      return judged(
        claim,
        int8.toFixed(2),
        `float ${float.toFixed(2)} ± ${MOST_COST}`,
        Math.abs(int8 - float) <= MOST_COST,
      );
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measureAll(
  sets: readonly PrintSet[],
  inference: Inference,
  fusion: Fusion,
  cache: string,
): Promise<SetMeasurement[]> {
  const evaluation = new Evaluation({ matchers: MATCHERS, jobs: 2, networks: { inference, cache }, fusion });
  try {
    const measured: SetMeasurement[] = [];
    for (const set of sets) measured.push(await evaluation.measure(set));
    return measured;
  } finally {
    await evaluation.close();
  }
}

/** The shipped models in a directory of their own, where only the float files are left: then the CPU takes those. */
async function withoutInt8(): Promise<string> {
  const manifest = await readManifest(SHIPPED_MODELS);
  const directory = mkdtempSync(join(tmpdir(), 'whorl-float-'));
  const models = Object.fromEntries(
    Object.entries(manifest.models).map(([name, model]) => {
      const files = model.files.filter(({ precision }) => precision === 'float32');
      for (const { path } of files) {
        mkdirSync(dirname(join(directory, path)), { recursive: true });
        copyFileSync(join(SHIPPED_MODELS, path), join(directory, path));
      }
      return [name, { ...model, files }];
    }),
  );
  writeFileSync(join(directory, MANIFEST_FILE), JSON.stringify({ ...manifest, models }));
  return directory;
}
