import { readdirSync, statSync } from 'node:fs';
import { join, parse } from 'node:path';
import { SensorError } from '../errors.ts';

/** A file that stands for a touch: `<finger>_<impression>.<extension>`. */
export interface Impression {
  readonly path: string;
  /** The file's name: what a capture tells as its origin. */
  readonly name: string;
  readonly finger: string;
  readonly number: number;
}

const IMAGE_EXTENSIONS: readonly string[] = ['.png', '.bmp', '.jpg', '.jpeg', '.tif', '.tiff', '.pgm'];

/** What stands before the last underscore is the finger, the number behind it the impression. */
const NAME = /^(?<finger>.+)_(?<number>\d{1,9})$/;

/** The order of people: finger 2 before finger 10. */
const natural = new Intl.Collator('en', { numeric: true });

/**
 * The impressions in a folder, by finger and then by number. Files with other names are passed over.
 *
 * @throws SensorError `sensor.bad-folder`
 */
export function listImpressions(folder: string): Impression[] {
  const impressions = entries(folder)
    .map((name) => parseName(folder, name))
    .filter((impression) => impression !== undefined)
    .sort((a, b) => natural.compare(a.finger, b.finger) || a.number - b.number || natural.compare(a.name, b.name));
  if (impressions.length > 0) return impressions;
  throw new SensorError(
    'sensor.bad-folder',
    `${folder} has no images named <finger>_<impression>.<${IMAGE_EXTENSIONS.map((dotted) => dotted.slice(1)).join('|')}>, such as 7_1.png`,
  );
}

/** The finger that a capture's origin names. */
export function fingerOf(origin: string): string {
  return NAME.exec(parse(origin).name)?.groups?.finger ?? origin;
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.isFile());
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SensorError('sensor.bad-folder', `the folder of touches cannot be read: ${reason}`, { cause });
  }
}

function parseName(folder: string, name: string): Impression | undefined {
  const { name: stem, ext } = parse(name);
  if (!IMAGE_EXTENSIONS.includes(ext.toLowerCase())) return undefined;
  const groups = NAME.exec(stem)?.groups;
  if (groups === undefined) return undefined;
  return { path: join(folder, name), name, finger: groups.finger, number: Number(groups.number) };
}
