import { drawImpression } from '../../../models/synthesis/impression.ts';
import { SENSOR_NAMES, sensorNamed } from '../../../models/synthesis/sensors.ts';
import { systemClock } from '../../clock.ts';
import { SensorError } from '../errors.ts';
import type { Rehearsal } from '../rehearsal.ts';
import { ArtificialSensor, HUMAN_PACE } from './artificial-sensor.ts';
import { gatherCrew } from './crew.ts';
import { Plate } from './plate.ts';
import { wornPlate } from './worn-sensor.ts';

const WORN_SENSOR = 'worn';
/** As many touches as a technician asks for, with a technician watching: better than people touch alone. */
const ENROLMENT_TOUCHES = 4;
const ENROLMENT_SEVERITY = 0.7;

/**
 * A rehearsal without data: artificial staff enrol, then they, their other fingers and strangers touch without end.
 *
 * @param target the sensor model to imitate: optical, R307, R503, thermal, capacitive; or `worn`: a worn optical one, where
 *   people come who were enrolled at a good one
 * @param seed who the people are and how they touch
 * @throws SensorError `sensor.unknown-kind`
 */
export function rehearseArtificial(target: string, seed: number): Rehearsal {
  const model = sensorNamed(target === WORN_SENSOR ? 'optical' : target);
  if (model === undefined)
    throw new SensorError(
      'sensor.unknown-kind',
      `there is no artificial sensor "${target}"; known ones: ${[...SENSOR_NAMES, WORN_SENSOR].join(', ')}`,
    );
  const plate = target === WORN_SENSOR ? wornPlate() : new Plate(model);
  const crew = gatherCrew(seed);
  const sensor = new ArtificialSensor({ seed, name: target, plate, crew, clock: systemClock, pace: HUMAN_PACE });
  return {
    sensor,
    enrollees: crew.staff.map(({ name, finger }) => ({
      name,
      touches: Array.from({ length: ENROLMENT_TOUCHES }, (_, number) => () => {
        const options = { condition: 'good', severity: ENROLMENT_SEVERITY } as const;
        return Promise.resolve(drawImpression(finger(), model, number, options).image);
      }),
    })),
    strangers: crew.strangers.length,
    lay: (laid) => {
      sensor.lay(laid);
    },
    nameOf: (origin) => origin.slice(0, Math.max(0, origin.indexOf(':'))),
  };
}
