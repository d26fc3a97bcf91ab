import { readFile } from 'node:fs/promises';
import type { Inference } from './inference/inference.ts';
import { FusionError } from './matching/fusion/errors.ts';
import { parseFusionFile, type FusionFile } from './matching/fusion/fusion-file.ts';
import { type ModelIds, MODELS } from './matching/fusion/parts.ts';

/** The fusion that comes with Whorl, fitted to the models that come with it. */
export const SHIPPED_FUSION = new URL('../calibration/fusion.json', import.meta.url);

/**
 * Reads how scores are added up.
 * @throws FusionError `fusion.bad-file` where the file is missing or is something else
 */
export async function readFusionFile(path: string | URL = SHIPPED_FUSION): Promise<FusionFile> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    const message = `the fusion of scores ${path.toString()} cannot be read; make one with "whorl calibrate scores --matcher fused"`;
    throw new FusionError('fusion.bad-file', message, { cause });
  }
  return parseFusionFile(value);
}

/** The models that can be used now. */
export function modelIdsOf(inference: Pick<Inference, 'ready'>): ModelIds {
  return Object.fromEntries(
    MODELS.flatMap((name) => {
      const ready = inference.ready(name);
      return ready === undefined ? [] : [[name, ready.id] as const];
    }),
  );
}

/** A fusion says nothing of the scores of models that it was not fitted to. */
export function otherModels(): FusionError {
  return new FusionError(
    'fusion.other-models',
    'the fusion of scores was fitted to other models than these; fit it anew with "whorl calibrate scores --matcher fused"',
  );
}
