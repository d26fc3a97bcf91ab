import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePng } from '../../../device/imaging/encode.ts';
import { SynthesisError } from '../errors.ts';
import { drawStripes, STRIPE_FINGERS, STRIPE_SCANS } from '../stripes.ts';
import { writeWhole } from './png-unit.ts';

/**
 * Writes the stripe fingers as `<vertical|horizontal>_<scan>.png`.
 *
 * @throws SynthesisError `synthesis.write-failed`
 */
export async function writeStripes(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    for (const finger of STRIPE_FINGERS) {
      const png = await encodePng(drawStripes(finger));
      for (let scan = 1; scan <= STRIPE_SCANS; scan++) await writeWhole(join(directory, `${finger}_${scan}.png`), png);
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SynthesisError('synthesis.write-failed', `${directory} cannot be written: ${reason}`, { cause });
  }
}
