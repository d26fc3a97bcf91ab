import { Random } from '../../../models/synthesis/random.ts';
import type { Rehearsal } from '../rehearsal.ts';
import { FolderSensor, readImpression } from './folder-sensor.ts';
import { fingerOf, listImpressions, type Impression } from './impressions.ts';

/** Of each enrolled finger, how many impressions are enrolled; the others come as touches. */
const ENROLLED_IMPRESSIONS = 4;

/** Of the fingers, how many are enrolled; the others come as strangers. */
const ENROLLED_SHARE = 3 / 4;

/**
 * A folder as a rehearsal: each finger is a person, the first three quarters of the fingers are enrolled with their
 * first four impressions, and everything else comes to the door in an order that the seed decides.
 *
 * @throws SensorError `sensor.bad-folder`
 */
export function rehearseFolder(folder: string, seed: number): Rehearsal {
  const fingers = byFinger(listImpressions(folder));
  const enrolled = [...fingers].slice(0, Math.ceil(fingers.size * ENROLLED_SHARE));
  const strangers = [...fingers].slice(enrolled.length);
  const touches = [
    ...enrolled.flatMap(([, impressions]) => impressions.slice(ENROLLED_IMPRESSIONS)),
    ...strangers.flatMap(([, impressions]) => impressions),
  ];
  return {
    sensor: new FolderSensor(folder, shuffled(touches, new Random(seed))),
    enrollees: enrolled.map(([name, impressions]) => ({
      name,
      touches: impressions.slice(0, ENROLLED_IMPRESSIONS).map((impression) => () => readImpression(impression)),
    })),
    strangers: strangers.length,
    nameOf: fingerOf,
  };
}

function byFinger(impressions: readonly Impression[]): Map<string, Impression[]> {
  const fingers = new Map<string, Impression[]>();
  for (const impression of impressions)
    fingers.set(impression.finger, [...(fingers.get(impression.finger) ?? []), impression]);
  return fingers;
}

/** Fisher and Yates. */
function shuffled(impressions: Impression[], random: Random): Impression[] {
  for (let i = impressions.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [impressions[i], impressions[j]] = [impressions[j], impressions[i]];
  }
  return impressions;
}
