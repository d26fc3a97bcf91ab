import { type Command, InvalidArgumentError, Option } from 'commander';
import colors from 'picocolors';
import { type AccessVerdict, judge } from '../access/judge.ts';
import type { Rules } from '../access/rules.ts';
import { readRules, writeRules } from '../access/rules-file.ts';
import type { AccessState } from '../access/state.ts';
import { STOP_WORDS, type StopReason } from '../access/stop-reason.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import { baseOf, storedRules } from '../current-rules.ts';
import { requirePerson } from '../gallery/find-person.ts';
import type { Gallery } from '../gallery/gallery.ts';
import type { Pass } from '../gallery/pass.ts';
import type { Person } from '../gallery/person.ts';
import { putRulesInForce } from '../put-rules-in-force.ts';
import type { CommandContext } from './command.ts';
import { readInput } from './files.ts';
import { type OperatorOptions, operatorOf, withOperator } from './operator.ts';
import type { Output } from './output.ts';
import { writePrivateFile } from './private-file.ts';
import type { ConfigOptions } from './read-config.ts';
import { reportEvents } from './report-events.ts';
import { table } from './table.ts';
import { momentInWords, saidMoment, type SaidMoment } from './when.ts';
import { galleryCommand, withGallery } from './with-gallery.ts';

interface VersionOptions extends ConfigOptions {
  readonly version?: number;
}

interface ExportOptions extends VersionOptions {
  readonly people?: true;
}

interface ImportOptions extends ConfigOptions, OperatorOptions {
  readonly overwrite?: true;
}

interface CheckOptions extends ConfigOptions {
  readonly at?: SaidMoment;
  readonly rules?: string;
}

const MINUTE = 60_000;
/** So many names are told at once. */
const MOST_NAMES = 5;
/** How far ahead it is looked for a time at which somebody may pass. */
const LOOK_AHEAD_DAYS = 14;
/** What goes away by itself. */
const TEMPORARY: readonly StopReason[] = ['not-yet-valid', 'holiday', 'outside-schedule', 'anti-passback-timed'];

export function register({ program, output }: CommandContext): void {
  const group = program.command('rules').description('see, change and try the rules of the door');
  const add = (usage: string, description: string): Command => galleryCommand(group, usage, description);
  const version = ['--version <number>', 'an earlier version of the rules', versionNumber] as const;

  add('show', 'the rules in force, and who put them there')
    .option(...version)
    .action(async (options: VersionOptions) => {
      await withGallery(options, (gallery) => {
        show(gallery, options.version, output());
      });
    });
  add('history', 'every version of the rules: who put it in force, and when').action(async (options: ConfigOptions) => {
    await withGallery(options, (gallery) => {
      listVersions(gallery, output());
    });
  });
  add('export', 'write the rules as YAML')
    .argument('[file]', 'made for the owner alone; without it they go to stdout')
    .option(...version)
    .option('--people', 'with what is said of people')
    .action(async (file: string | undefined, options: ExportOptions) => {
      await withGallery(options, (gallery) => exportRules(gallery, file, options, output()));
    });
  withOperator(add('import', 'put rules written in YAML in force, as a new version'))
    .argument('<file>')
    .option('--overwrite', 'also where somebody changed what the file was exported from')
    .action(async (file: string, options: ImportOptions) => {
      const text = Buffer.from(await readInput(file)).toString();
      await withGallery(options, (gallery, config) => {
        importRules(gallery, text, options, config, output());
      });
    });
  add('check', 'would a person pass at that time, and if not why')
    .argument('<person>', 'name, id or external id')
    .addOption(
      new Option(
        '--at <moment>',
        '"sunday 6:00", 6:00 or 2026-12-24T18:00, in the zone of the rules (default: now)',
      ).argParser(saidMoment),
    )
    .option('--rules <file>', 'by these rules, which are not in force')
    .action(async (who: string, options: CheckOptions) => {
      const text = options.rules === undefined ? undefined : Buffer.from(await readInput(options.rules)).toString();
      await withGallery(options, (gallery) => {
        check(gallery, who, text, options.at, output());
      });
    });
}

function show(gallery: Gallery, version: number | undefined, output: Output): void {
  const stored = storedRules(gallery, version);
  output.result(stored);
  output.line(
    stored.version === 0
      ? colors.dim('# nobody has written rules yet: these come with Whorl')
      : colors.dim(`# version ${stored.version}, by ${stored.operator} on ${stored.savedAt.slice(0, 16)}Z`),
  );
  output.line(stored.text.trimEnd());
}

function listVersions(gallery: Gallery, output: Output): void {
  const versions = gallery.rulesVersions().map((version) => {
    const { operator, savedAt } = gallery.rules(version);
    return { version, operator, savedAt, inForce: version === gallery.rulesVersion };
  });
  output.result({ versions });
  if (versions.length === 0) output.line('nobody has written rules yet: whoever is enrolled may always pass');
  else
    for (const line of table(
      ['version', 'saved', 'by', ''],
      versions.map(({ version, operator, savedAt, inForce }) => [
        version,
        savedAt.slice(0, 16).replace('T', ' '),
        operator,
        inForce ? 'in force' : '',
      ]),
    ))
      output.line(line);
}

async function exportRules(
  gallery: Gallery,
  file: string | undefined,
  { version: wanted, people }: ExportOptions,
  output: Output,
): Promise<void> {
  const withPeople = people === true;
  const { version, text } = gallery.atomically(() => {
    const stored = storedRules(gallery, wanted);
    const basedOn = baseOf(gallery, withPeople);
    return {
      version: stored.version,
      text: writeRules({ text: stored.text, basedOn, ...(withPeople && { people: passesOf(gallery) }) }),
    };
  });
  if (file === undefined) {
    output.result({ version, text });
    output.line(text.trimEnd());
    return;
  }
  await writePrivateFile(file, text);
  output.result({ version, file });
  output.line(`${colors.green('exported')}: version ${version} to ${file}`);
}

/** By id, which is theirs alone; people of whom nothing is said are left out. */
function passesOf(gallery: Gallery): Record<string, Pass> {
  return Object.fromEntries([...gallery.passes()].filter(([, pass]) => Object.keys(pass).length > 0));
}

function importRules(gallery: Gallery, text: string, options: ImportOptions, config: Config, output: Output): void {
  const { version, passes, shutOut } = putRulesInForce(gallery, text, {
    operator: operatorOf(options),
    overwrite: options.overwrite === true,
    commit: (report) => {
      reportEvents(config, [report]);
    },
  });
  output.result({ version, people: passes, withoutGroup: shutOut.map(({ id, name }) => ({ id, name })) });
  output.line(`${colors.green('in force')}: version ${version}, with the passes of ${passes} people`);
  if (shutOut.length === 0) return;
  const people = gallery.contents().people.length;
  const names = shutOut.slice(0, MOST_NAMES).map(({ name }) => name);
  const more = shutOut.length > MOST_NAMES ? ' …' : '';
  output.line(
    colors.yellow(
      `${shutOut.length} of ${people} people are in no group of these rules and cannot pass: ${names.join(', ')}${more}`,
    ),
  );
}

function check(
  gallery: Gallery,
  who: string,
  text: string | undefined,
  at: SaidMoment | undefined,
  output: Output,
): void {
  const person = requirePerson(gallery.contents().people, who);
  const stored = storedRules(gallery);
  const { rules } = readRules(text ?? stored.text);
  const now = systemClock.now();
  const time = at?.(now, rules.zone) ?? now;
  const state = gallery.passages([person.id]);
  const verdict = judgeAt(rules, state, person, time);
  const moment = momentInWords(time, rules.zone);
  const next = verdict.kind === 'stop' && TEMPORARY.includes(verdict.reason) && nextTime(rules, state, person, time);
  output.result({
    person: { id: person.id, name: person.name },
    ...{ at: new Date(time).toISOString(), zone: rules.zone, ...(text === undefined && { rules: stored.version }) },
    ...(verdict.kind === 'pass' ? { verdict: 'pass' } : { verdict: 'stop', reason: verdict.reason }),
    ...(next && { next: new Date(next).toISOString() }),
  });
  const name = colors.bold(person.name);
  const when = `on ${moment} (${rules.zone})`;
  if (verdict.kind === 'pass') output.line(`${colors.green('yes')}: ${name} may pass ${when}`);
  else {
    output.line(`${colors.red('no')}: ${name} may not pass ${when}: ${STOP_WORDS[verdict.reason]} (${verdict.reason})`);
    if (next) output.line(`the next time is ${momentInWords(next, rules.zone)}`);
  }
  const groups = person.pass.groups ?? (rules.ungrouped === undefined ? [] : [rules.ungrouped]);
  for (const group of groups) output.line(colors.dim(`${group}: ${scheduleInWords(rules, group)}`));
}

function scheduleInWords({ groups }: Rules, group: string): string {
  const when = groups.get(group);
  if (when === undefined) return 'not in these rules';
  return when === 'always' ? 'always' : when.map(({ name }) => name).join(', ');
}

/** By what the door remembers now; a clock in doubt is not supposed. */
function judgeAt(rules: Rules, state: AccessState, { id, pass }: Person, time: number): AccessVerdict {
  const moment = { time, trusted: true, uptime: 0 };
  return judge(rules, state, { person: id, pass, moment, lockdown: false });
}

/** The first minute from then on in which the person may pass, or is only asked for a second one. */
function nextTime(rules: Rules, state: AccessState, person: Person, from: number): number | undefined {
  const last = from + LOOK_AHEAD_DAYS * 24 * 60 * MINUTE;
  for (let time = Math.ceil(from / MINUTE) * MINUTE; time < last; time += MINUTE) {
    const verdict = judgeAt(rules, state, person, time);
    if (verdict.kind === 'pass' || verdict.reason === 'second-person-needed') return time;
  }
  return undefined;
}

function versionNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a number, as `rules history` tells.');
  return Number(text);
}
