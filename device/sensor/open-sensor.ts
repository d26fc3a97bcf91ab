import { SensorError } from './errors.ts';
import { rehearseArtificial } from './artificial/rehearse-artificial.ts';
import { rehearseFolder } from './folder/rehearse-folder.ts';
import type { Rehearsal } from './rehearsal.ts';
import type { Sensor, SensorListener } from './sensor.ts';

export interface SensorOptions {
  /** Decides everything that a sensor without hardware leaves to chance. */
  readonly seed: number;
  /** Where the pairing with hardware is kept. */
  readonly state: string;
  readonly onEvent: SensorListener;
}

/** A sensor, and who will touch it where that is known: never for hardware. */
export interface OpenedSensor {
  readonly sensor: Sensor;
  readonly rehearsal?: Rehearsal;
}

/** What stands before the colon of a sensor's specification, and what opens the rest. */
const kinds: Readonly<Record<string, (target: string, options: SensorOptions) => OpenedSensor>> = {
  artificial: (target, { seed }) => rehearsed(rehearseArtificial(target, seed)),
  folder: (target, { seed }) => rehearsed(rehearseFolder(target, seed)),
};

/**
 * Opens the sensor that the operator named. Hardware need not be there yet: it is looked for when a touch is awaited.
 *
 * @param specification `<kind>:<target>`, such as `folder:./prints`
 * @throws SensorError
 */
export function openSensor(specification: string, options: SensorOptions): OpenedSensor {
  const colon = specification.indexOf(':');
  const kind = specification.slice(0, colon);
  if (colon < 1 || colon === specification.length - 1 || !Object.hasOwn(kinds, kind))
    throw new SensorError(
      'sensor.unknown-kind',
      `"${specification}" is no sensor; known kinds: ${Object.keys(kinds)
        .map((known) => `${known}:<…>`)
        .join(', ')}`,
    );
  return kinds[kind](specification.slice(colon + 1), options);
}

function rehearsed(rehearsal: Rehearsal): OpenedSensor {
  return { sensor: rehearsal.sensor, rehearsal };
}
