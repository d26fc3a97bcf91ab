import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { realData, skipWithout } from '../support/data.ts';
import { scratch } from '../support/scratch.ts';
import { expectedPicture, skipWithoutUmockdev, underUmockdev, USB_RECORDINGS } from '../support/usb-captures.ts';
import { skipped, type Claim, type ProofOptions } from './claim.ts';
import { proven } from './proven.ts';

const CHILD = join(import.meta.dirname, '../support/usb-touch-child.ts');

/** USB readers: their drivers on the real usb and libusb, over recorded traffic. */
export async function proveReaders({ onStage }: ProofOptions): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (const recording of USB_RECORDINGS) {
    const { folder, kind } = recording;
    const claim = `${folder}: pixels of the recorded touch that differ`;
    const missing = skipWithout(folder) || skipWithoutUmockdev();
    if (missing !== false) {
      claims.push(skipped(claim, missing));
      continue;
    }
    onStage(`${folder} is read`);
    claims.push(
      await proven(claim, 'none', async (cleanup) => {
        const file = join(scratch(cleanup), 'picture.raw');
        await underUmockdev(recording, [process.execPath, '--import', 'tsx', CHILD, kind, file]);
        const expected = await expectedPicture(realData(folder) ?? '');
        const picture = readFileSync(file);
        const wrong = expected.filter((gray, at) => gray !== picture[at]).length;
        return { figure: `${wrong} of ${expected.length}`, holds: wrong === 0 && picture.length === expected.length };
      }),
    );
  }
  return claims;
}
