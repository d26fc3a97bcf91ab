import { z } from 'zod';
import { DecisionError } from './errors.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);
const rate = z.number().gt(0).max(1);

/** Score and value, joined by straight lines. */
const ratioKnots = z.array(z.tuple([z.number(), z.number()])).min(2);
const rateKnots = z.array(z.tuple([z.number(), rate])).min(2);

/** What a matcher's scores mean: fitted by `whorl calibrate scores`, read by every door. It shows nobody's print. */
export const scoreCalibrationSchema = z
  .strictObject({
    version: z.literal(1),
    matcher: z.string().min(1).describe('whose scores these are'),
    llr: ratioKnots.describe('score, natural logarithm of the likelihood ratio; rising'),
    fmr: rateKnots.describe('score, share of impostors that reach it; falling, as far as it was measured'),
    tailScale: z
      .number()
      .positive()
      .describe('beyond the last measured score the false match rate falls by a factor of e over this distance'),
    cllr: z.number().min(0).describe('cost of the likelihood ratios on the data they were fitted to, in bits'),
    minCllr: z.number().min(0).describe('the same after the best possible rescaling'),
    data: z.strictObject({
      sets: z.array(
        z.strictObject({ name: z.string(), images: count, fingers: count, genuine: count, impostor: count }),
      ),
      genuine: count,
      impostor: z.int().min(1),
      printsSha256: sha256.describe('of the names and contents of all files'),
      scoresSha256: sha256.describe('of the table that `evaluate --pairs` writes: tells the extractor and the matcher'),
      whorl: z.string().describe('version of the extractor and the matcher'),
    }),
  })
  .refine(
    ({ llr }) =>
      rises(
        llr.map(([score]) => score),
        true,
      ) &&
      rises(
        llr.map(([, value]) => value),
        false,
      ),
    {
      error: 'the likelihood ratio must rise with the score',
      path: ['llr'],
    },
  )
  .refine(
    ({ fmr }) =>
      rises(
        fmr.map(([score]) => score),
        true,
      ) &&
      rises(
        fmr.map(([, value]) => -value),
        true,
      ),
    {
      error: 'the false match rate must fall as the score rises',
      path: ['fmr'],
    },
  );

export type ScoreCalibration = z.output<typeof scoreCalibrationSchema>;

function rises(values: readonly number[], strictly: boolean): boolean {
  return values.every((value, i) => i === 0 || (strictly ? value > values[i - 1] : value >= values[i - 1]));
}

/** @throws DecisionError `decision.bad-calibration` for anything but a calibration */
export function parseScoreCalibration(value: unknown): ScoreCalibration {
  const result = scoreCalibrationSchema.safeParse(value);
  if (result.success) return result.data;
  throw new DecisionError(
    'decision.bad-calibration',
    `this is not a calibration of scores, make one with "whorl calibrate scores": ${z.prettifyError(result.error)}`,
  );
}
