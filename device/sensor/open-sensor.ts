import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import { SensorError } from './errors.ts';
import { CalibratedSensor } from './calibrated-sensor.ts';
import { rehearseArtificial } from './artificial/rehearse-artificial.ts';
import { rehearseFolder } from './folder/rehearse-folder.ts';
import type { Binding } from './grow/binding.ts';
import { GrowLink } from './grow/link.ts';
import { parseTarget } from './grow/target.ts';
import { HotPlugSensor } from './hot-plug.ts';
import { Nb1010Link } from './nb1010/nb1010-link.ts';
import { PAIRING_FILE, PairingFile } from './pairing.ts';
import type { Rehearsal } from './rehearsal.ts';
import type { Sensor, SensorLink, SensorListener } from './sensor.ts';
import { Uru4000Link } from './uru4000/uru4000-link.ts';

export interface SensorOptions {
  /** Decides everything that a sensor without hardware leaves to chance. */
  readonly seed: number;
  /**
   * Where the pairing with hardware and the profiles of calibrated sensors are kept; left out, whatever is plugged in is
   * used, as it is.
   */
  readonly state?: string;
  readonly onEvent: SensorListener;
}

export interface OpenedSensor {
  /** Its captures are freed of its defects where it was calibrated. */
  readonly sensor: Sensor;
  /** The same with all its defects: what is calibrated. */
  readonly uncorrected: Sensor;
  /**
   * Finds and identifies hardware now, rather than at the first wait for a finger; without hardware there is nothing to do.
   *
   * @throws SensorError why there is none
   */
  connect(signal: AbortSignal): Promise<void>;
  /** Who will touch it, where that is known: never for hardware. */
  readonly rehearsal?: Rehearsal;
}

/** What stands before the colon of a sensor's specification, and what opens the rest. */
const rehearsals: Readonly<Record<string, (target: string, seed: number) => Rehearsal>> = {
  artificial: rehearseArtificial,
  folder: rehearseFolder,
};

const hardware: Readonly<Record<string, (target: string) => SensorLink>> = {
  grow: (target) => new GrowLink({ target: parseTarget(target), clock: systemClock, open: openWhenNeeded }),
  uru4000: (target) => new Uru4000Link(target),
  nb1010: (target) => new Nb1010Link(target),
};

/** These find the only one that is plugged in when nothing stands behind the colon. */
const TARGET_MAY_BE_LEFT_OUT: readonly string[] = ['uru4000', 'nb1010'];

/**
 * Opens the sensor that the operator named. Hardware need not be there yet: it is looked for when a touch is awaited.
 *
 * @param specification `<kind>:<target>`, such as `folder:./prints`
 * @throws SensorError
 */
export function openSensor(specification: string, { seed, state, onEvent }: SensorOptions): OpenedSensor {
  const corrected = (sensor: Sensor): Sensor => (state === undefined ? sensor : new CalibratedSensor(sensor, state));
  const link = linkOf(specification);
  if (link !== undefined) {
    const pairing = state === undefined ? undefined : new PairingFile(join(state, PAIRING_FILE));
    const plugged = new HotPlugSensor({ link, ...(pairing && { pairing }), clock: systemClock, onEvent });
    return {
      sensor: corrected(plugged),
      uncorrected: plugged,
      connect: (signal) => plugged.connect(signal),
    };
  }
  const { kind, target } = parse(specification);
  const rehearsal = rehearsals[kind](target, seed);
  const { sensor } = rehearsal;
  return { sensor: corrected(sensor), uncorrected: sensor, connect: () => Promise.resolve(), rehearsal };
}

/**
 * The place where the hardware that the operator named may be plugged in; undefined for a sensor without hardware.
 *
 * @throws SensorError
 */
export function linkOf(specification: string): SensorLink | undefined {
  const { kind, target } = parse(specification);
  return Object.hasOwn(hardware, kind) ? hardware[kind](target) : undefined;
}

function parse(specification: string): { kind: string; target: string } {
  const colon = specification.indexOf(':');
  const kind = specification.slice(0, Math.max(0, colon));
  const target = specification.slice(colon + 1);
  const isKnown = Object.hasOwn(rehearsals, kind) || Object.hasOwn(hardware, kind);
  if (isKnown && (target !== '' || TARGET_MAY_BE_LEFT_OUT.includes(kind))) return { kind, target };
  const known = Object.keys({ ...rehearsals, ...hardware }).map((name) => `${name}:<…>`);
  throw new SensorError('sensor.unknown-kind', `"${specification}" is no sensor; known kinds: ${known.join(', ')}`);
}

/** serialport is loaded by those only who use it. */
async function openWhenNeeded(path: string, baud: number): Promise<Binding> {
  const { openSerial } = await import('./grow/serial-binding.ts');
  return await openSerial(path, baud);
}
