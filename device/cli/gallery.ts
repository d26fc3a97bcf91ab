import { createInterface } from 'node:readline/promises';
import { type Command, Option } from 'commander';
import colors from 'picocolors';
import { claimState } from '../claim-state.ts';
import { systemClock } from '../clock.ts';
import type { Report } from '../events/event.ts';
import { eraseGallery } from '../gallery/erase-all.ts';
import { requirePerson } from '../gallery/find-person.ts';
import { FINGER_POSITIONS, type FingerPosition } from '../gallery/finger-position.ts';
import type { Gallery, GalleryContents } from '../gallery/gallery.ts';
import type { Person } from '../gallery/person.ts';
import { rotateMasterKey } from '../gallery/rotate-key.ts';
import { encodeTemplate } from '../gallery/template-codec.ts';
import { GalleryError } from '../gallery/errors.ts';
import { KEEPER_WORDS, type KeeperChoice } from '../secrets/keeper.ts';
import type { CommandContext } from './command.ts';
import { exportGallery, importGallery, type TransferOptions } from './gallery-transfer.ts';
import { keeperChoice, keeperOption } from './keeper.ts';
import { operatorOf, type OperatorOptions, withOperator } from './operator.ts';
import type { Output } from './output.ts';
import { type ConfigOptions, readConfig } from './read-config.ts';
import { reportEvents } from './report-events.ts';
import { table } from './table.ts';
import { galleryCommand, withGallery } from './with-gallery.ts';

interface EraseOptions extends ConfigOptions {
  readonly finger?: FingerPosition;
  readonly yes?: true;
}

interface RotateOptions extends ConfigOptions, OperatorOptions {
  readonly keeper?: KeeperChoice['keeper'];
}

const ERASE_ALL = 'Erase everybody, all fingers and all rules of this door? This cannot be undone. [y/N] ';
const PERSON = 'name, id or external id';

export function register({ program, output }: CommandContext): void {
  const group = program.command('gallery').description('see, erase, export and import who is enrolled');
  const add = (usage: string, description: string): Command => galleryCommand(group, usage, description);
  const passphrase = ['--passphrase-file <file>', 'holds the passphrase of the archive'] as const;

  add('list', 'everybody who is enrolled').action(async (options: ConfigOptions) => {
    await withGallery(options, (gallery) => {
      list(gallery.contents(), output());
    });
  });
  add('show', 'one person: fingers and templates')
    .argument('<person>', PERSON)
    .action(async (who: string, options: ConfigOptions) => {
      await withGallery(options, (gallery) => {
        show(requirePerson(gallery.contents().people, who), output());
      });
    });
  const erase = add('erase', 'erase a person, or one of their fingers, for ever')
    .argument('<person>', PERSON)
    .addOption(new Option('--finger <position>', 'only this finger').choices(FINGER_POSITIONS))
    .option('--yes', 'do not ask');
  erase.action(async (who: string, options: EraseOptions) => {
    const agreed = async (question: string): Promise<boolean> => options.yes === true || (await ask(question, erase));
    await withGallery(options, async (gallery, config) => {
      reportEvents(config, await eraseFrom(gallery, who, options.finger, agreed, output()));
    });
  });
  const rotate = withOperator(add('rotate-key', 'give the gallery a new master key and seal everything anew'));
  rotate.addOption(keeperOption()).action((options: RotateOptions) => {
    rotateKey(options, output());
  });
  const eraseAll = withOperator(add('erase-all', 'destroy the master key and everything that it opens, for ever'));
  eraseAll.option('--yes', 'do not ask').action(async (options: EraseOptions & OperatorOptions) => {
    if (options.yes === true || (await ask(ERASE_ALL, eraseAll))) eraseEverything(options, output());
    else output().line('nothing was erased');
  });
  const save = add('export', 'write people and templates to files')
    .argument('<target>', 'the archive, or the directory for ISO records')
    .addOption(
      new Option('--format <name>', 'whorl: one archive under a passphrase; iso: ISO/IEC 19794-2, readable by anyone')
        .choices(['whorl', 'iso'])
        .default('whorl'),
    )
    .option('--person <person>', `only this person (${PERSON})`)
    .option(...passphrase);
  save.action(async (target: string, options: TransferOptions) => {
    await withGallery(options, (gallery) => exportGallery(gallery, target, options, save, output()));
  });
  const load = add('import', 'read people and templates from files')
    .argument('<source>', 'an archive, or a directory that export --format iso wrote')
    .option(...passphrase);
  load.action(async (source: string, options: TransferOptions) => {
    await withGallery(options, (gallery) => importGallery(gallery, source, options, load, output()));
  });
}

function list({ people, damaged, fileDamage }: GalleryContents, output: Output): void {
  output.result({
    people: people.map(({ fingers, ...person }) => ({
      ...person,
      fingers: fingers.map(({ id, position, templates }) => ({ id, position, templates: templates.length })),
    })),
    damaged: [
      ...(fileDamage ? [{ kind: 'file', code: fileDamage.code, message: fileDamage.message }] : []),
      ...damaged.map(({ kind, id, person, error: { code, message } }) => ({ kind, id, person, code, message })),
    ],
  });
  const rows = people
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .map(({ name, fingers, createdAt, externalId = '', id }) => [
      name,
      fingers.map(({ position }) => position).join(', '),
      fingers.reduce((sum, { templates }) => sum + templates.length, 0),
      createdAt.slice(0, 10),
      externalId,
      colors.dim(id),
    ]);
  if (people.length === 0) output.line('nobody is enrolled');
  else {
    for (const line of table(['name', 'fingers', 'templates', 'since', 'external id', 'id'], rows)) output.line(line);
    output.line(colors.dim(`${people.length} people`));
  }
  if (fileDamage) output.line(colors.red(fileDamage.message));
  for (const { error } of damaged) output.line(colors.red(error.message));
}

function show({ fingers, ...person }: Person, output: Output): void {
  const described = fingers.map(({ id, position, enrolledAt, templates }) => ({
    id,
    position,
    enrolledAt,
    templates: templates.map(({ id: template, template: touch }) => ({
      id: template,
      minutiae: touch.minutiae.minutiae.length,
      width: touch.minutiae.width,
      height: touch.minutiae.height,
      quality: touch.quality,
      bytes: encodeTemplate(touch).length,
      latent: touch.latent?.model ?? null,
      grid: touch.grid?.model ?? null,
    })),
  }));
  output.result({ ...person, fingers: described });
  const known = person.externalId === undefined ? '' : `, known elsewhere as ${person.externalId}`;
  output.line(`${colors.bold(person.name)}${known}`);
  output.line(colors.dim(`person ${person.id}, since ${person.createdAt}`));
  const rows = described.flatMap(({ position, enrolledAt, templates }) =>
    templates.map(({ minutiae, width, height, quality, bytes }) => [
      position,
      enrolledAt.slice(0, 16).replace('T', ' '),
      minutiae,
      `${width} × ${height}`,
      quality,
      bytes,
    ]),
  );
  for (const line of table(['finger', 'enrolled', 'minutiae', 'pixels', 'quality', 'bytes'], rows)) output.line(line);
}

async function eraseFrom(
  gallery: Gallery,
  who: string,
  position: FingerPosition | undefined,
  agreed: (question: string) => Promise<boolean>,
  output: Output,
): Promise<Report[]> {
  const { people, damaged } = gallery.contents();
  // Whoever cannot be read any more can still be erased by id.
  const unreadable = damaged.some(({ kind, id }) => kind === 'person' && id === who);
  const person = unreadable ? { id: who, name: who, fingers: [] } : requirePerson(people, who);
  const fingers = person.fingers.filter((finger) => finger.position === position);
  if (position && fingers.length === 0)
    throw new GalleryError('gallery.unknown-finger', `${person.name} has no ${position} enrolled`);
  const what = position ? `the ${position} of ${person.name}` : `${person.name} and all their fingers`;
  if (!(await agreed(`Erase ${what}? This cannot be undone. [y/N] `))) {
    output.result({ erased: [] });
    output.line('nothing was erased');
    return [];
  }
  const receipts = position ? fingers.map(({ id }) => gallery.eraseFinger(id)) : [gallery.erasePerson(person.id)];
  output.result({ erased: receipts });
  for (const { kind, id, erasedAt, templates, scrubbed } of receipts) {
    output.line(`${colors.green('erased')}: ${kind} ${id} with ${templates} templates, ${erasedAt}`);
    if (!scrubbed) output.line(colors.yellow('the file could not be cleaned now; the next erasure will do it'));
  }
  return receipts.map(({ templates }) =>
    position
      ? { type: 'whorl.finger.erased', subject: person.id, data: { finger: position, templates } }
      : { type: 'whorl.person.erased', subject: person.id, data: { templates } },
  );
}

function rotateKey(options: RotateOptions, output: Output): void {
  const config = readConfig(options);
  const release = claimState(config.state);
  try {
    const { people, kept, scrubbed } = rotateMasterKey(config.state, keeperChoice(config, options.keeper));
    reportEvents(config, [
      {
        type: 'whorl.gallery.key-rotated',
        data: { operator: operatorOf(options), people, keeper: kept.keeper },
      },
    ]);
    output.result({ people, ...kept, scrubbed });
    output.line(`${colors.green('sealed anew')}: ${people} people; the new master key is ${KEEPER_WORDS[kept.keeper]}`);
    for (const reason of kept.passedOver) output.line(colors.yellow(`not kept better: ${reason}`));
    if (!scrubbed) output.line(colors.yellow('the file could not be cleaned now; the next erasure will do it'));
  } finally {
    release();
  }
}

function eraseEverything(options: ConfigOptions & OperatorOptions, output: Output): void {
  const config = readConfig(options);
  const release = claimState(config.state);
  try {
    const receipt = eraseGallery(config.state, systemClock);
    const { erasedAt, people = 0, templates = 0, key } = receipt;
    reportEvents(config, [
      { type: 'whorl.gallery.erased', data: { operator: operatorOf(options), people, templates } },
    ]);
    output.result({ erased: [receipt] });
    output.line(`${colors.green('erased')}: everything, ${people} people with ${templates} templates, ${erasedAt}`);
    if (key?.forGood === false)
      output.line(
        colors.yellow(
          `the master key was ${KEEPER_WORDS[key.keeper]}. It was overwritten and removed; flash memory may keep an old block of it for a while`,
        ),
      );
  } finally {
    release();
  }
}

async function ask(question: string, command: Command): Promise<boolean> {
  if (!process.stdin.isTTY) command.error('there is nobody to ask: say --yes');
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await reader.question(question)).trim());
  } finally {
    reader.close();
  }
}
