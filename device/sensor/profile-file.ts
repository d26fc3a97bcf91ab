import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';
import { z } from 'zod';
import { makeDirectory, replaceFile } from '../durable-file.ts';
import type { SensorProfile } from '../imaging/sensor-profile.ts';
import { SensorError } from './errors.ts';
import { isSame, nameOfSensor } from './pairing.ts';
import type { SensorIdentity } from './sensor.ts';

/** Where a board keeps the profiles of its sensors, in the state directory: a folder a model, a file a serial number. */
const PROFILE_FOLDER = 'calibration';
const WITHOUT_SERIAL = 'no-serial';

const side = z.int().min(1).max(4000);
const profileSchema = z.strictObject({
  version: z.literal(1),
  /** Whose it is: a file that was copied to another sensor's place is not taken for that one's. */
  model: z.string().min(1),
  serial: z.string().min(1).exactOptional(),
  width: side,
  height: side,
  dpi: z.number().min(100).max(2000),
  polarity: z.enum(['dark-ridges', 'light-ridges']),
  usable: z.strictObject({ left: z.int().min(0), top: z.int().min(0), width: side, height: side }),
  /** Gray of each pixel, deflated, base64. */
  fields: z.strictObject({ empty: z.base64(), full: z.base64() }).exactOptional(),
  dead: z.array(z.int().min(0)),
});

/** Where the profile of a sensor lies, whether there is one or not. */
export function profilePath(state: string, { model, serial = WITHOUT_SERIAL }: SensorIdentity): string {
  return join(state, PROFILE_FOLDER, asFileName(model), `${asFileName(serial)}.json`);
}

/** Hardware says what it likes of itself: none of it is a way out of the folder. */
function asFileName(text: string): string {
  return encodeURIComponent(text).replaceAll('.', '%2E');
}

/**
 * The whole file or none of it, also when the power fails meanwhile.
 *
 * @returns its path
 * @throws SensorError `sensor.unwritable-profile`
 */
export function writeProfile(state: string, { model, serial }: SensorIdentity, profile: SensorProfile): string {
  const path = profilePath(state, { model, ...(serial !== undefined && { serial }) });
  const { fields, ...plain } = profile;
  const packed = (pixels: Uint8Array): string => deflateSync(pixels).toString('base64');
  const written: z.input<typeof profileSchema> = {
    version: 1,
    model,
    ...(serial !== undefined && { serial }),
    ...plain,
    dead: [...plain.dead],
    ...(fields !== undefined && { fields: { empty: packed(fields.empty), full: packed(fields.full) } }),
  };
  try {
    makeDirectory(dirname(path));
    replaceFile(path, `${JSON.stringify(written)}\n`);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SensorError('sensor.unwritable-profile', `the sensor’s profile cannot be kept: ${reason}`, { cause });
  }
  return path;
}

/**
 * The profile of this very sensor.
 *
 * @returns undefined where there is none
 * @throws SensorError `sensor.bad-profile` for a file that is not what was written: a door never works with half of one;
 *   `sensor.other-profile` for one that was made for another sensor
 */
export function readProfile(state: string, sensor: SensorIdentity): SensorProfile | undefined {
  const path = profilePath(state, sensor);
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
  const { owner, profile } = parseProfile(path);
  if (!isSame(owner, sensor))
    throw new SensorError(
      'sensor.other-profile',
      `${path} was made for ${nameOfSensor(owner)}, not for ${nameOfSensor(sensor)}: run whorl calibrate sensor, or remove the file`,
    );
  return profile;
}

function parseProfile(path: string): { readonly owner: SensorIdentity; readonly profile: SensorProfile } {
  try {
    const read = profileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    const { model, serial, fields, width, height, dpi, polarity, usable, dead } = read;
    const pixels = width * height;
    const unpacked = (packed: string): Uint8Array => {
      const field = inflateSync(Buffer.from(packed, 'base64'), { maxOutputLength: pixels });
      if (field.length !== pixels) throw new Error(`a field has ${field.length} of ${pixels} pixels`);
      return new Uint8Array(field);
    };
    const reaches = usable.left + usable.width > width || usable.top + usable.height > height;
    if (reaches || dead.some((at) => at >= pixels)) throw new Error('it reaches beyond the picture');
    return {
      owner: { model, ...(serial !== undefined && { serial }) },
      profile: {
        ...{ width, height, dpi, polarity, usable, dead },
        ...(fields && { fields: { empty: unpacked(fields.empty), full: unpacked(fields.full) } }),
      },
    };
  } catch (cause) {
    const reason =
      cause instanceof z.ZodError ? z.prettifyError(cause) : cause instanceof Error ? cause.message : String(cause);
    throw new SensorError(
      'sensor.bad-profile',
      `${path} is no profile of a sensor (${reason}): run whorl calibrate sensor, or remove the file`,
      { cause },
    );
  }
}
