import { readFile } from 'node:fs/promises';
import type { SetMeasurement } from '../../calibration/evaluation.ts';
import type { PrintFile } from '../../calibration/print-set.ts';
import { decodeImage } from '../../device/imaging/decode.ts';
import type { GrayImage } from '../../device/imaging/gray-image.ts';
import { MtmMatcher } from '../../device/matching/mtm/matcher.ts';
import { MinutiaeExtractor } from '../../device/minutiae/extract.ts';
import { moved } from '../support/moved-image.ts';
import { judged, skipped, type Claim } from './claim.ts';

const STEP_DEGREES = 15;
const SHIFT = { dx: 23.4, dy: -17.7 };

/**
 * Turns prints through the circle and shifts them: how often does a genuine pair that matches as it came keep a score
 * above the threshold?
 *
 * @param pairs how many pairs (impressions 1 and 2 of a finger) to take, spread over the sets
 */
export async function provePoses(
  measurements: readonly SetMeasurement[],
  threshold: number,
  pairs: number,
): Promise<Claim[]> {
  const claim = 'turned by 0 to 360° and shifted, a match at FMR 0.1 % stays one: 95 % of steps';
  if (measurements.length === 0) return [skipped(claim, 'no data')];
  const extractor = new MinutiaeExtractor();
  const matcher = new MtmMatcher();
  const templateOf = (image: GrayImage): ReturnType<MtmMatcher['prepare']> =>
    matcher.prepare(extractor.extract(image).template);

  let steps = 0;
  let kept = 0;
  let unmatched = 0;
  let taken = 0;
  for (const { reference, probe, dpi } of spreadPairs(measurements)) {
    if (taken === pairs) break;
    const image = await decodeImage(await readFile(probe.path), { dpi });
    const enrolled = templateOf(await decodeImage(await readFile(reference.path), { dpi }));
    if (matcher.score(templateOf(image), enrolled) < threshold) {
      unmatched++;
      continue;
    }
    taken++;
    for (let degrees = 0; degrees < 360; degrees += STEP_DEGREES) {
      const posed = moved(image, { radians: (degrees * Math.PI) / 180, ...SHIFT });
      steps++;
      if (matcher.score(templateOf(posed), enrolled) >= threshold) kept++;
    }
  }
  const figure = `${((100 * kept) / steps).toFixed(1)} % of ${steps}`;
  return [judged(claim, figure, `${taken} pairs, ${unmatched} did not match as they came`, kept >= 0.95 * steps)];
}

/** Impressions 1 and 2 of each finger, one finger of each set in turn. */
function* spreadPairs(
  measurements: readonly SetMeasurement[],
): Generator<{ reference: PrintFile; probe: PrintFile; dpi: number }> {
  const most = Math.max(...measurements.map(({ set }) => set.fingers.length));
  for (let finger = 0; finger < most; finger++)
    for (const { set } of measurements) {
      const [reference, probe] = [1, 2].map((impression) =>
        set.prints.find((print) => print.finger === set.fingers[finger] && print.impression === impression),
      );
      if (reference !== undefined && probe !== undefined) yield { reference, probe, dpi: set.dpi };
    }
}
