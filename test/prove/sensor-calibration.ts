import { measureSensor } from '../../calibration/sensor/measure-sensor.ts';
import { applyProfile } from '../../device/imaging/sensor-profile.ts';
import { scoreAtFmr } from '../../device/matching/decision/evidence.ts';
import { readScoreCalibration } from '../../device/score-calibration.ts';
import { Plate, TARGET_PITCH } from '../../device/sensor/artificial/plate.ts';
import { WORN, WORN_DEAD, wornPlate } from '../../device/sensor/artificial/worn-sensor.ts';
import { growFinger } from '../../models/synthesis/finger.ts';
import { calibrationCaptures } from '../support/calibration-captures.ts';
import { MatchTrial } from '../support/match-rate.ts';
import { judged, type Claim, type ProofOptions } from './claim.ts';

const PEOPLE = 40;
const TOUCHES = 6;
/** Of one comparison: what a small door asks for, and what a large one does. */
const FALSE_MATCHES = [1e-5, 1e-9];
const TECHNICIAN = 9_000;
const FIRST_PERSON = 7_000;
/** What calibration must give back of what the defects took from the scores, and how near the rates must come. */
const RESTORED = 0.7;
const NEAR = 0.01;

/** A worn artificial sensor: are its defects found, and do people who were enrolled at a good one match at it again? */
export async function proveCalibration({ quick, onStage }: ProofOptions): Promise<Claim[]> {
  onStage('calibration of a worn sensor');
  const worn = wornPlate();
  const technician = Array.from({ length: 10 }, (_, number) => growFinger(TECHNICIAN + number));
  const { profile, findings } = measureSensor(calibrationCaptures(worn, technician), TARGET_PITCH);
  const found = profile.dead.filter((at) => WORN_DEAD.has(at)).length;
  const invented = profile.dead.length - found;
  const trueDpi = worn.model.dpi * (WORN.scale ?? 1);
  const spread = (gain: typeof findings.gain): number => (gain ? gain.most / gain.least : Infinity);

  onStage('people enrolled at a good sensor touch the worn one');
  const good = new Plate(worn.model, { scale: 1 });
  const people = Array.from({ length: quick ? PEOPLE / 2 : PEOPLE }, (_, number) => growFinger(FIRST_PERSON + number));
  const trial = new MatchTrial(
    people,
    (finger, seed) => good.touch(finger, seed, { condition: 'good', severity: 0.7 }).image,
  );
  const before = trial.run((finger, seed) => good.touch(finger, seed).image, TOUCHES);
  const after = trial.run((finger, seed) => worn.touch(finger, seed).image, TOUCHES);
  const restored = trial.run((finger, seed) => applyProfile(worn.touch(finger, seed).image, profile), TOUCHES);
  const lost = before.mean - after.mean;
  const calibration = await readScoreCalibration();
  return [
    judged(
      'planted dead pixels found, others taken for dead',
      `${found} of ${WORN_DEAD.size}, ${invented}`,
      `${WORN_DEAD.size} of ${WORN_DEAD.size}, 0`,
      found === WORN_DEAD.size && invented === 0,
    ),
    judged(
      `resolution of ${trueDpi} dpi where ${worn.model.dpi} is claimed`,
      `${profile.dpi} dpi`,
      'within 0.2 %',
      Math.abs(profile.dpi / trueDpi - 1) < 0.002,
    ),
    judged(
      'tilted gain: strongest to weakest region, corrected',
      `${spread(findings.gain).toFixed(2)}, ${spread(findings.gainAfter).toFixed(2)}`,
      'found > 2, then < 1.05',
      spread(findings.gain) > 2 && spread(findings.gainAfter) < 1.05,
    ),
    ...FALSE_MATCHES.map((fmr) => {
      const least = scoreAtFmr(calibration, fmr);
      const [whole, bad, back] = [before, after, restored].map(({ rateFrom }) => rateFrom(least));
      return judged(
        `touches that match at FMR ${fmr.toExponential(0)}: good sensor, worn, calibrated`,
        [whole, bad, back].map(percent).join(', '),
        'within a point of the good sensor',
        back >= whole - NEAR,
      );
    }),
    judged(
      'mean genuine score: good sensor, worn, calibrated',
      [before, after, restored].map(({ mean }) => mean.toFixed(2)).join(', '),
      `${100 * RESTORED} % of the loss restored`,
      lost > 0 && restored.mean - after.mean >= RESTORED * lost,
    ),
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
