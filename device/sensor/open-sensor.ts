import { SensorError } from './errors.ts';
import { rehearseArtificial } from './artificial/rehearse-artificial.ts';
import { rehearseFolder } from './folder/rehearse-folder.ts';
import type { Rehearsal } from './rehearsal.ts';

/** What stands before the colon of a sensor's specification, and what opens the rest. */
const kinds: Readonly<Record<string, (target: string, seed: number) => Rehearsal | Promise<Rehearsal>>> = {
  artificial: rehearseArtificial,
  folder: rehearseFolder,
};

/**
 * Opens the sensor that the operator named.
 *
 * @param specification `<kind>:<target>`, such as `folder:./prints`
 * @param seed decides everything that a sensor without hardware leaves to chance
 * @throws SensorError
 */
export async function openSensor(specification: string, seed: number): Promise<Rehearsal> {
  const colon = specification.indexOf(':');
  const kind = specification.slice(0, colon);
  if (colon < 1 || colon === specification.length - 1 || !Object.hasOwn(kinds, kind))
    throw new SensorError(
      'sensor.unknown-kind',
      `"${specification}" is no sensor; known kinds: ${Object.keys(kinds)
        .map((known) => `${known}:<…>`)
        .join(', ')}`,
    );
  return await kinds[kind](specification.slice(colon + 1), seed);
}
