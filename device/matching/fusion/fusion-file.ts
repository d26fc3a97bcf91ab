import { z } from 'zod';
import { scoreCalibrationSchema } from '../decision/score-calibration.ts';
import { FusionError } from './errors.ts';
import { MODELS, type PartScores, PARTS } from './parts.ts';

/** The layout; a file of another one is refused. */
export const FUSION_VERSION = 1;

const modelId = z.string().regex(/^[0-9a-f]{16}$/);

const combination = z
  .strictObject({
    parts: z.array(z.enum(PARTS)).min(1),
    weights: z
      .array(z.number().min(0))
      .describe('of each part’s score; none is negative, so that more likeness never speaks against a match'),
    from: z
      .array(z.number().nullable())
      .describe('a part’s score counts as far as it is above this: what most different fingers reach says nothing'),
    offset: z.number(),
    calibration: scoreCalibrationSchema.describe('of offset + sum of weight × score beyond from'),
  })
  .refine(({ parts, weights, from }) => weights.length === parts.length && from.length === parts.length, {
    error: 'needs a weight and a beginning a part',
  });

/**
 * How the matchers' scores are added up to one, and what that one means: fitted by `whorl calibrate scores`. Each set of
 * parts has its own weights and its own calibration, since what is missing says nothing and must not be guessed.
 */
export const fusionFileSchema = z.strictObject({
  version: z.literal(FUSION_VERSION),
  models: z.partialRecord(z.enum(MODELS), modelId).describe('whose scores these are, by the ids of the manifest'),
  combinations: z.array(combination).min(1),
});

export type FusionFile = z.output<typeof fusionFileSchema>;
export type Combination = FusionFile['combinations'][number];

/** @throws FusionError `fusion.bad-file` for anything but a fusion */
export function parseFusionFile(value: unknown): FusionFile {
  const result = fusionFileSchema.safeParse(value);
  if (result.success) return result.data;
  throw new FusionError(
    'fusion.bad-file',
    `this is not a fusion of scores, make one with "whorl calibrate scores --matcher fused": ${z.prettifyError(result.error)}`,
  );
}

/** The score of a set of parts together. */
export function sumOf({ parts, weights, from, offset }: Combination, scores: PartScores): number {
  return parts.reduce((sum, part, k) => sum + weights[k] * beyond(scores[part] ?? NaN, from[k]), offset);
}

/** What counts of a score. */
export function beyond(score: number, from: number | null): number {
  return from === null ? score : Math.max(0, score - from);
}
