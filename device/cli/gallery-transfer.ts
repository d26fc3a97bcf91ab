import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import colors from 'picocolors';
import { z } from 'zod';
import { WhorlError } from '../errors.ts';
import { packArchive, unpackArchive } from '../gallery/archive.ts';
import { ENROLMENT_POLICY, type EnrolmentPolicy, type TouchComparison } from '../gallery/enrolment.ts';
import { GalleryError } from '../gallery/errors.ts';
import { findPerson, requirePerson } from '../gallery/find-person.ts';
import { FINGER_POSITIONS } from '../gallery/finger-position.ts';
import type { Gallery } from '../gallery/gallery.ts';
import { fingersOfIso, type ForeignFinger, isoOfFinger } from '../gallery/iso-finger.ts';
import { type NewPerson, newPersonSchema, type Person } from '../gallery/person.ts';
import { MtmMatcher } from '../matching/mtm/matcher.ts';
import { readScoreCalibration } from '../score-calibration.ts';
import { touchComparison } from '../touch-comparison.ts';
import { refusalInWords } from '../enrolment-words.ts';
import { CliError } from './errors.ts';
import { readInput } from './files.ts';
import type { Output } from './output.ts';
import { writePrivateFile } from './private-file.ts';
import type { ConfigOptions } from './read-config.ts';

export interface TransferOptions extends ConfigOptions {
  readonly format?: 'whorl' | 'iso';
  readonly person?: string;
  readonly passphraseFile?: string;
}

/** Tells whose each directory of ISO records is. */
const PEOPLE_FILE = 'people.json';
const peopleSchema = z.record(z.string(), newPersonSchema);

/** Records of others may hold a single impression and no quality; what they show must still be enough to compare. */
const FOREIGN_POLICY: EnrolmentPolicy = { ...ENROLMENT_POLICY, minimumTouches: 1, minimumQuality: 0 };

/** What became of one finger of an import. */
interface ImportedFinger {
  readonly file: string;
  readonly finger: string;
  readonly decision: string;
  readonly words: string;
}

export async function exportGallery(
  gallery: Gallery,
  target: string,
  options: TransferOptions,
  command: Command,
  output: Output,
): Promise<void> {
  const contents = gallery.contents();
  const people = options.person === undefined ? contents.people : [requirePerson(contents.people, options.person)];
  for (const { error } of contents.damaged) output.note(`left out: ${error.message}`);
  if (options.format === 'iso') {
    await exportIso(people, target);
    output.note('these files are not encrypted: whoever can read them has the fingers in them');
  } else await writePrivateFile(target, packArchive(people, await readPassphrase(options, command)));
  const fingers = people.flatMap((person) => person.fingers).length;
  output.result({ target, people: people.length, fingers, damaged: contents.damaged.length });
  output.line(`${colors.green('exported')}: ${people.length} people, ${fingers} fingers to ${target}`);
}

/** Each person a directory, each finger a record of all its touches. */
async function exportIso(people: readonly Person[], target: string): Promise<void> {
  const about = Object.fromEntries(
    people.map(({ id, name, externalId }) => [id, { name, ...(externalId !== undefined && { externalId }) }]),
  );
  await writePrivateFile(join(target, PEOPLE_FILE), `${JSON.stringify(about, undefined, 2)}\n`);
  for (const { id, fingers } of people)
    for (const [index, finger] of fingers.entries())
      // Fingers of unknown position may be several.
      await writePrivateFile(join(target, id, `${index + 1}-${finger.position}.fmr`), isoOfFinger(finger));
}

export async function importGallery(
  gallery: Gallery,
  source: string,
  options: TransferOptions,
  command: Command,
  output: Output,
): Promise<void> {
  if (await isDirectory(source)) await importIso(gallery, source, output);
  else {
    const people = unpackArchive(await readInput(source), await readPassphrase(options, command));
    const { added, present, erased } = gallery.restore(people);
    output.result({ source, added, present, erased });
    output.line(`${colors.green('imported')}: ${added.length} people from ${source}`);
    if (present.length > 0) output.line(`${present.length} were here already and stay as they are`);
    if (erased.length > 0) output.line(colors.yellow(`${erased.length} were erased here before and do not come back`));
  }
}

/** Every finger goes through the same checks as an enrolment. */
async function importIso(gallery: Gallery, source: string, output: Output): Promise<void> {
  const comparison = touchComparison(new MtmMatcher(), await readScoreCalibration());
  const about = await readPeopleFile(source);
  const startedAt = Date.now();
  const results: ImportedFinger[] = [];
  const directories = await entries(source, (entry) => entry.isDirectory());
  for (const [done, name] of directories.entries()) {
    output.progress('people', done, directories.length, startedAt);
    const person = Object.hasOwn(about, name) ? about[name] : { name };
    for (const file of await entries(join(source, name), (entry) => entry.isFile()))
      results.push(...(await importRecord(gallery, person, join(source, name, file), comparison)));
  }
  output.progress('people', directories.length, directories.length, startedAt);
  const enrolled = results.filter(({ decision }) => decision === 'enrolled').length;
  output.result({
    source,
    enrolled,
    fingers: results.map(({ file, finger, decision }) => ({ file, finger, decision })),
  });
  for (const { file, finger, decision, words } of results)
    if (decision !== 'enrolled') output.line(`${colors.yellow('left out')} ${file}, ${finger}: ${words}`);
  output.line(`${colors.green('imported')}: ${enrolled} of ${results.length} fingers from ${source}`);
}

async function importRecord(
  gallery: Gallery,
  about: NewPerson,
  file: string,
  comparison: TouchComparison,
): Promise<ImportedFinger[]> {
  const attempt = (finger: string, action: () => Omit<ImportedFinger, 'file' | 'finger'>): ImportedFinger => {
    try {
      return { file, finger, ...action() };
    } catch (error) {
      if (!(error instanceof WhorlError)) throw error;
      return { file, finger, decision: error.code, words: error.message };
    }
  };
  const bytes = await readInput(file);
  let fingers: ForeignFinger[] = [];
  const unreadable = attempt('unknown', () => {
    fingers = fingersOfIso(bytes);
    return { decision: 'read', words: '' };
  });
  if (unreadable.decision !== 'read') return [unreadable];
  return fingers.map(({ position: stated, touches }) => {
    // Many writers leave the position out of the record and put it into the name.
    const position = stated === 'unknown' ? positionIn(basename(file)) : stated;
    return attempt(position, () => {
      const known = findPerson(gallery.contents().people, about.externalId ?? about.name);
      const person = known?.id ?? about;
      const result = gallery.enrol({ person, position, touches, comparison, policy: FOREIGN_POLICY });
      return { decision: result.kind, words: result.kind === 'enrolled' ? '' : refusalInWords(result) };
    });
  });
}

function positionIn(name: string): (typeof FINGER_POSITIONS)[number] {
  return FINGER_POSITIONS.find((position) => name.toLowerCase().includes(position)) ?? 'unknown';
}

async function readPeopleFile(source: string): Promise<Record<string, NewPerson>> {
  const path = join(source, PEOPLE_FILE);
  if (!(await entries(source, (entry) => entry.isFile())).includes(PEOPLE_FILE)) return {};
  try {
    return peopleSchema.parse(JSON.parse(Buffer.from(await readInput(path)).toString()));
  } catch (cause) {
    if (cause instanceof WhorlError) throw cause;
    throw new GalleryError(
      'gallery.archive-malformed',
      `${path} must be a JSON object of directory names, each with a "name" and perhaps an "externalId"`,
      { cause },
    );
  }
}

async function entries(
  directory: string,
  wanted: (entry: { isFile(): boolean; isDirectory(): boolean }) => boolean,
): Promise<string[]> {
  try {
    const found = await readdir(directory, { withFileTypes: true });
    return found
      .filter(wanted)
      .map(({ name }) => name)
      .toSorted();
  } catch (cause) {
    throw unreadable(directory, cause);
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

async function readPassphrase({ passphraseFile }: TransferOptions, command: Command): Promise<string> {
  if (passphraseFile === undefined) command.error('an archive needs --passphrase-file <file>');
  return Buffer.from(await readInput(passphraseFile))
    .toString()
    .trimEnd();
}

function unreadable(path: string, cause: unknown): CliError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new CliError('cli.unreadable-file', `${path} cannot be read: ${reason}`, { cause });
}
