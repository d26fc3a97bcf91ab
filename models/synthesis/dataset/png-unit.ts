import { createHash } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePng } from '../../../device/imaging/encode.ts';
import { alter, ALTERATION_LEVELS, ALTERATIONS } from '../alteration.ts';
import { drawImpression, type Impression } from '../impression.ts';
import { derive } from '../random.ts';
import { sensorModel } from '../sensors.ts';
import { fingersOf, growMember, type DatasetPlan } from './plan.ts';

/** Where truths and altered prints lie inside a dataset. */
const TRUTH = 'truth';
const ALTERED = 'altered';

/**
 * Writes a unit's prints as `<finger>_<impression>.png` and what is true of each as `truth/<finger>_<impression>.json`,
 * numbered from 1; altered prints as `altered/<finger>_<impression>_<alteration>_<level>.png`.
 *
 * @returns the SHA-256 of all pixels in order, hexadecimal
 */
export async function writePngUnit(plan: DatasetPlan, directory: string, unit: number): Promise<string> {
  await mkdir(join(directory, TRUTH), { recursive: true });
  if (plan.alterations) await mkdir(join(directory, ALTERED), { recursive: true });
  const hash = createHash('sha256');
  const sensor = sensorModel(plan.sensor);
  for (const number of fingersOf(plan, unit)) {
    const finger = growMember(plan, number);
    for (let i = 0; i < plan.impressions; i++) {
      const impression = drawImpression(finger, sensor, i, { severity: plan.severity });
      hash.update(impression.image.pixels);
      const name = `${number + 1}_${i + 1}`;
      await writeWhole(
        join(directory, TRUTH, `${name}.json`),
        JSON.stringify(describe(impression, finger.flow.pattern)),
      );
      await writeWhole(join(directory, `${name}.png`), await encodePng(impression.image));
      if (!plan.alterations) continue;
      for (const kind of ALTERATIONS)
        for (const level of ALTERATION_LEVELS) {
          const altered = alter(
            impression.image,
            impression.truth.mask,
            kind,
            level,
            derive(derive(plan.seed, number), i),
          );
          await writeWhole(join(directory, ALTERED, `${name}_${kind}_${level}.png`), await encodePng(altered.image));
        }
    }
  }
  return hash.digest('hex');
}

/** A file is there whole or not at all. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  await writeFile(`${path}.part`, content);
  await rename(`${path}.part`, path);
}

/** What the JSON beside a print says; the deformation is given by the touch's placement (`Deformation`). */
function describe({ image, truth }: Impression, pattern: string): object {
  return {
    finger: truth.identity,
    pattern,
    width: image.width,
    height: image.height,
    dpi: image.dpi,
    touch: truth.touch,
    minutiae: truth.minutiae,
    maskRuns: runs(truth.mask),
  };
}

/** Lengths of the runs of equal values, the first one of zeros. */
function runs(mask: Uint8Array): number[] {
  const lengths: number[] = [];
  let value = 0;
  let length = 0;
  for (const pixel of mask) {
    if (pixel === value) {
      length++;
      continue;
    }
    lengths.push(length);
    value = pixel;
    length = 1;
  }
  lengths.push(length);
  return lengths;
}
