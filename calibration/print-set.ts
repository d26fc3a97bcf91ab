import { readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { CalibrationError } from './errors.ts';

/** One impression of one finger as a file: an image or a minutiae record. */
export interface PrintFile {
  readonly file: string;
  readonly path: string;
  readonly finger: string;
  readonly impression: number;
}

/** A folder of impressions of known fingers. */
export interface PrintSet {
  readonly name: string;
  /** Of the images, in pixels per inch; records state their own. */
  readonly dpi: number;
  /** By impression, then finger: of two prints the earlier is the reference, the later the probe. */
  readonly prints: readonly PrintFile[];
  /** Finger names in order; a finger's number is its place here. */
  readonly fingers: readonly string[];
  /** Files whose names are not `<finger>_<impression>.<ext>`. */
  readonly ignored: readonly string[];
}

const NAME = /^(.+)_(\d{1,6})\.[^.]+$/;

/**
 * Lists a folder of prints named `<finger>_<impression>.<ext>`.
 *
 * @param argument the folder, with `@<dpi>` behind it where its images have another resolution than `dpi`
 * @throws CalibrationError `calibration.no-folder`, `calibration.empty-set`, `calibration.duplicate-impression`
 */
export function readPrintSet(argument: string, dpi: number): PrintSet {
  const { folder, ownDpi } = splitResolution(argument);
  if (!isFolder(folder))
    throw new CalibrationError('calibration.no-folder', `${folder} is not a folder: name one with prints in it`);
  const ignored: string[] = [];
  const prints: PrintFile[] = [];
  const seen = new Map<string, string>();
  for (const file of readdirSync(folder).sort(compareText)) {
    if (file.startsWith('.')) continue;
    const match = NAME.exec(file);
    if (match === null) {
      ignored.push(file);
      continue;
    }
    const finger = match[1];
    const impression = Number(match[2]);
    const key = `${finger}_${impression}`;
    const other = seen.get(key);
    if (other !== undefined)
      throw new CalibrationError(
        'calibration.duplicate-impression',
        `${other} and ${file} in ${folder} are the same impression: keep one of them`,
      );
    seen.set(key, file);
    prints.push({ file, path: join(folder, file), finger, impression });
  }
  if (prints.length === 0)
    throw new CalibrationError('calibration.empty-set', `${folder} has no files named <finger>_<impression>.<ext>`);
  prints.sort((a, b) => a.impression - b.impression || compareText(a.finger, b.finger));
  return {
    name: basename(resolve(folder)),
    dpi: ownDpi ?? dpi,
    prints,
    fingers: [...new Set(prints.map(({ finger }) => finger))].sort(compareText),
    ignored,
  };
}

function splitResolution(argument: string): { folder: string; ownDpi?: number } {
  const match = /^(.+)@(\d{2,4})$/.exec(argument);
  if (match === null || isFolder(argument)) return { folder: argument };
  return { folder: match[1], ownDpi: Number(match[2]) };
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** The same order on every machine, whatever its language. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
