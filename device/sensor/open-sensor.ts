import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import { SensorError } from './errors.ts';
import { rehearseArtificial } from './artificial/rehearse-artificial.ts';
import { rehearseFolder } from './folder/rehearse-folder.ts';
import { HotPlugSensor } from './hot-plug.ts';
import { Nb1010Link } from './nb1010/nb1010-link.ts';
import { PAIRING_FILE, PairingFile } from './pairing.ts';
import type { Rehearsal } from './rehearsal.ts';
import type { Sensor, SensorLink, SensorListener } from './sensor.ts';
import { Uru4000Link } from './uru4000/uru4000-link.ts';

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
  uru4000: (target, options) => plugged(new Uru4000Link(target), options),
  nb1010: (target, options) => plugged(new Nb1010Link(target), options),
};

/** These find the only one that is plugged in when nothing stands behind the colon. */
const TARGET_MAY_BE_LEFT_OUT: readonly string[] = ['uru4000', 'nb1010'];

/**
 * Opens the sensor that the operator named. Hardware need not be there yet: it is looked for when a touch is awaited.
 *
 * @param specification `<kind>:<target>`, such as `folder:./prints`
 * @throws SensorError
 */
export function openSensor(specification: string, options: SensorOptions): OpenedSensor {
  const colon = specification.indexOf(':');
  const kind = specification.slice(0, colon);
  const target = specification.slice(colon + 1);
  const told = target !== '' || TARGET_MAY_BE_LEFT_OUT.includes(kind);
  if (colon < 1 || !told || !Object.hasOwn(kinds, kind))
    throw new SensorError(
      'sensor.unknown-kind',
      `"${specification}" is no sensor; known kinds: ${Object.keys(kinds)
        .map((known) => `${known}:<…>`)
        .join(', ')}`,
    );
  return kinds[kind](target, options);
}

function rehearsed(rehearsal: Rehearsal): OpenedSensor {
  return { sensor: rehearsal.sensor, rehearsal };
}

function plugged(link: SensorLink, { state, onEvent }: SensorOptions): OpenedSensor {
  const pairing = new PairingFile(join(state, PAIRING_FILE));
  return { sensor: new HotPlugSensor({ link, pairing, clock: systemClock, onEvent }) };
}
