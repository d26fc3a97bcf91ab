import { Argument, type Command, Option } from 'commander';
import colors from 'picocolors';
import { AccessError } from '../access/errors.ts';
import type { PassChange, Report } from '../events/event.ts';
import { requirePerson } from '../gallery/find-person.ts';
import { FINGER_POSITIONS, type FingerPosition } from '../gallery/finger-position.ts';
import type { Gallery, GalleryContents } from '../gallery/gallery.ts';
import { type Pass, passSchema } from '../gallery/pass.ts';
import type { Person } from '../gallery/person.ts';
import type { CommandContext } from './command.ts';
import { checkGroups, currentRules } from '../current-rules.ts';
import { type OperatorOptions, operatorOf, withOperator } from './operator.ts';
import type { Output } from './output.ts';
import type { ConfigOptions } from './read-config.ts';
import { reportEvents } from './report-events.ts';
import { table } from './table.ts';
import { galleryCommand, withGallery } from './with-gallery.ts';

type Options = ConfigOptions & OperatorOptions;

interface AddOptions extends Options {
  readonly externalId?: string;
  readonly group?: readonly string[];
}

interface ValidOptions extends Options {
  readonly from?: string;
  readonly until?: string;
}

const PERSON = 'name, id or external id';
const KNOWN_POSITIONS = FINGER_POSITIONS.filter((position) => position !== 'unknown');

export function register({ program, output }: CommandContext): void {
  const group = program.command('people').description('see and change who may pass');
  const see = (usage: string, description: string): Command => galleryCommand(group, usage, description);
  const change = (usage: string, description: string): Command => withOperator(see(usage, description));
  /** A command that changes one thing of a person's pass, not without its event. */
  const alter = async (who: string, options: Options, what: PassChange, edit: PassEdit): Promise<void> => {
    await withGallery(options, (gallery, config) => {
      const person = requirePerson(gallery.contents().people, who);
      const pass = gallery.atomically(() => {
        const before = gallery.pass(person.id);
        const edited = checkedPass({ ...before, ...edit(before, gallery) });
        gallery.setPass(person.id, edited);
        const data = { operator: operatorOf(options), change: what };
        reportEvents(config, [{ type: 'whorl.person.changed', subject: person.id, data }]);
        return edited;
      });
      show({ ...person, pass }, output());
    });
  };

  see('list', 'everybody, with groups and limits').action(async (options: ConfigOptions) => {
    await withGallery(options, (gallery) => {
      list(gallery.contents(), output());
    });
  });
  see('show', 'one person: groups, limits and fingers')
    .argument('<person>', PERSON)
    .action(async (who: string, options: ConfigOptions) => {
      await withGallery(options, (gallery) => {
        show(requirePerson(gallery.contents().people, who), output());
      });
    });
  change('add', 'a person without fingers yet; enrol adds them')
    .argument('<name>')
    .option('--external-id <id>', 'how another system knows the person')
    .option('--group <names...>', 'groups of the rules')
    .action(async (name: string, options: AddOptions) => {
      await withGallery(options, (gallery, config) => {
        const { externalId, group: groups = [] } = options;
        const about = { name, ...(externalId !== undefined && { externalId }) };
        const added = gallery.atomically(() => {
          checkGroups(currentRules(gallery), groups);
          const person = gallery.addPerson(about, checkedPass(groups.length > 0 ? { groups } : {}));
          const data = { operator: operatorOf(options) };
          reportEvents(config, [{ type: 'whorl.person.added', subject: person.id, data }]);
          return person;
        });
        show(added, output());
      });
    });
  change('group', 'put a person into these groups, and no others')
    .argument('<person>', PERSON)
    .argument('[groups...]')
    .action(async (who: string, groups: string[], options: Options) => {
      await alter(who, options, 'groups', (_pass, gallery) => {
        checkGroups(currentRules(gallery), groups);
        return { groups: groups.length > 0 ? groups : undefined };
      });
    });
  change('block', 'nothing opens the door for this person any more')
    .argument('<person>', PERSON)
    .action(async (who: string, options: Options) => {
      await alter(who, options, 'blocked', () => ({ blocked: true }));
    });
  change('unblock', 'end a block')
    .argument('<person>', PERSON)
    .action(async (who: string, options: Options) => {
      await alter(who, options, 'unblocked', () => ({ blocked: undefined }));
    });
  change('valid', 'limit when a person may pass: days, or minutes as 2026-12-24T18:00; nothing said is no limit')
    .argument('<person>', PERSON)
    .option('--from <day>', 'the first day')
    .option('--until <day>', 'the last day, or the minute at which it ends')
    .action(async (who: string, options: ValidOptions) => {
      const { from, until } = options;
      await alter(who, options, 'validity', () => ({ validFrom: from, validUntil: until }));
    });
  change('opening', 'how long the door stays unlocked for a person')
    .argument('<person>', PERSON)
    .addArgument(new Argument('<length>', 'long for as long as the rules say').choices(['usual', 'long']))
    .action(async (who: string, length: string, options: Options) => {
      await alter(who, options, 'opening', () => ({ extendedOpening: length === 'long' ? true : undefined }));
    });
  change('finger', 'whether a finger raises a silent alarm when it opens the door')
    .argument('<person>', PERSON)
    .addArgument(new Argument('<position>').choices(KNOWN_POSITIONS))
    .addOption(new Option('--duress <answer>', 'yes or no').choices(['yes', 'no']).makeOptionMandatory(true))
    .action(async (who: string, position: FingerPosition, options: Options & { readonly duress: 'yes' | 'no' }) => {
      await alter(who, options, 'fingers', ({ duress = [] }) => {
        const others = duress.filter((other) => other !== position);
        const marked = options.duress === 'yes' ? [...others, position] : others;
        return { duress: marked.length > 0 ? marked : undefined };
      });
    });
  change('forgive', 'forget the last passages of a person, or of all: anti-passback begins anew')
    .argument('[person]', PERSON)
    .option('--all', 'of everybody, and who came first too')
    .action(async (who: string | undefined, options: Options & { readonly all?: true }, command: Command) => {
      if ((who === undefined) !== (options.all === true)) command.error('say either a person or --all');
      await withGallery(options, (gallery, config) => {
        const person = who === undefined ? undefined : requirePerson(gallery.contents().people, who);
        const people = gallery.atomically(() => {
          const forgiven = gallery.forgetPassages(person?.id);
          const data = { operator: operatorOf(options), people: forgiven };
          const subject = person && { subject: person.id };
          reportEvents(config, [{ type: 'whorl.access.forgiven', ...subject, data } satisfies Report]);
          return forgiven;
        });
        output().result({ forgiven: people });
        output().line(`${colors.green('forgiven')}: the last passages of ${people} people`);
      });
    });
}

/** What becomes of a pass: what is undefined goes away. */
type PassEdit = (pass: Pass, gallery: Gallery) => { readonly [Key in keyof Pass]: unknown };

/** @throws AccessError `access.pass-invalid` */
function checkedPass(draft: object): Pass {
  const said = Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined));
  const checked = passSchema.safeParse(said);
  if (checked.success) return checked.data;
  const [{ path, message }] = checked.error.issues;
  throw new AccessError('access.pass-invalid', `${path.join('.')}: ${message}`);
}

function list({ people, damaged }: GalleryContents, output: Output): void {
  output.result({ people: people.map(record), damaged: damaged.length });
  if (people.length === 0) output.line('there is nobody yet');
  else {
    const rows = people
      .toSorted((a, b) => a.name.localeCompare(b.name))
      .map((person) => [
        person.name,
        (person.pass.groups ?? []).join(', '),
        limitsOf(person.pass).join(', '),
        person.fingers.length,
        person.externalId ?? '',
        colors.dim(person.id),
      ]);
    for (const line of table(['name', 'groups', 'limits', 'fingers', 'external id', 'id'], rows)) output.line(line);
  }
  for (const { error } of damaged) output.line(colors.red(error.message));
}

function show(person: Person, output: Output): void {
  const { name, id, pass, fingers, externalId } = person;
  output.result(record(person));
  output.line(`${colors.bold(name)}${externalId === undefined ? '' : `, known elsewhere as ${externalId}`}`);
  output.line(colors.dim(`person ${id}`));
  output.line(`groups: ${pass.groups?.join(', ') ?? 'none named'}`);
  for (const limit of limitsOf(pass)) output.line(limit);
  if (pass.extendedOpening) output.line('the door stays unlocked longer');
  const enrolled = fingers.map(({ position }) => position);
  output.line(`fingers: ${enrolled.length === 0 ? 'none enrolled' : enrolled.join(', ')}`);
  for (const position of pass.duress ?? [])
    output.line(`${position} raises a silent alarm${enrolled.includes(position) ? '' : ', once it is enrolled'}`);
}

function record({ id, name, externalId, pass, fingers }: Person): object {
  return {
    ...{ id, name, ...(externalId !== undefined && { externalId }), pass },
    fingers: fingers.map(({ position }) => position),
  };
}

function limitsOf({ blocked, validFrom, validUntil }: Pass): string[] {
  return [
    ...(blocked ? [colors.red('blocked')] : []),
    ...(validFrom === undefined ? [] : [`from ${validFrom}`]),
    ...(validUntil === undefined ? [] : [`until ${validUntil}`]),
  ];
}
