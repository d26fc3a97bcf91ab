import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { Pass } from '../gallery/pass.ts';
import { AccessError } from './errors.ts';
import { rulesOf } from './look-up-names.ts';
import type { Rules } from './rules.ts';
import { RULES_VERSION, rulesSchema, type WrittenRules } from './rules-schema.ts';

/** Long lines stay long. */
const AS_WRITTEN = { lineWidth: 0 };
/** So many faults are told at once. */
const MOST_FAULTS = 10;

/** What holds where nobody has written rules: whoever is enrolled may always pass. */
export const DEFAULT_RULES = `version: 1
zone: UTC
ungrouped: everybody
groups:
  everybody: { when: always }
`;

/** A file of rules, read. */
export interface RulesFile {
  readonly rules: Rules;
  /** What it says of people, by id, external id or name; undefined where it says nothing of anybody. */
  readonly people?: Readonly<Record<string, Pass>>;
  /** What was in force when this file was exported; undefined where a person began it. */
  readonly basedOn?: string;
  /** The file as it was written, comments and all, without what it says of people and was based on. */
  readonly text: string;
}

const BASED_ON_COMMENT = ' what was in force when this was exported: an import refuses to undo what was changed since';

/** Where something is said, and what is wrong with it. */
interface Fault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/**
 * Reads rules written in YAML.
 *
 * @throws AccessError `access.rules-malformed` where it is no YAML, `access.rules-newer`, `access.rules-invalid`; the
 *   message names line and field
 */
export function readRules(text: string): RulesFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [malformed] = document.errors;
  if (document.errors.length > 0) {
    const { line } = lines.linePos(malformed.pos[0]);
    const [what] = malformed.message.split(' at line');
    throw new AccessError('access.rules-malformed', `line ${line} is no YAML: ${what}`, { cause: malformed });
  }
  const given = plainOf(document);
  if (isNewer(given))
    throw new AccessError(
      'access.rules-newer',
      `these rules are of a newer version, this Whorl knows ${RULES_VERSION}; update Whorl`,
    );
  const parsed = rulesSchema.safeParse(given);
  const faults = parsed.success ? unknownNames(parsed.data) : parsed.error.issues.map(faultOf);
  if (faults.length > 0 || !parsed.success) throw invalid(faults, document, lines, parsed.error);
  const { people, basedOn } = parsed.data;
  const rules = rulesOf(parsed.data);
  if (people === undefined && basedOn === undefined) return { rules, text };
  document.delete('people');
  document.delete('basedOn');
  return {
    rules,
    ...(people && { people }),
    ...(basedOn !== undefined && { basedOn }),
    text: document.toString(AS_WRITTEN),
  };
}

/** Rules, what they are based on and what is said of people, as one file that `readRules` reads. */
export function writeRules({ text, basedOn, people }: Pick<RulesFile, 'text' | 'basedOn' | 'people'>): string {
  const document = parseDocument(text);
  if (basedOn !== undefined) {
    const key = document.createNode('basedOn');
    key.commentBefore = BASED_ON_COMMENT;
    document.add(document.createPair(key, basedOn));
  }
  if (people) document.set('people', people);
  return document.toString(AS_WRITTEN);
}

function plainOf(document: Document): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AccessError('access.rules-malformed', `these rules are no YAML: ${reason}`, { cause });
  }
}

function isNewer(given: unknown): boolean {
  if (typeof given !== 'object' || given === null || !('version' in given)) return false;
  return typeof given.version === 'number' && given.version > RULES_VERSION;
}

function faultOf(issue: z.core.$ZodIssue): Fault {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') return { path: [...path, issue.keys[0]], message: 'there is no such field' };
  return { path, message: issue.code === 'invalid_key' ? issue.issues[0].message : issue.message };
}

function invalid(
  faults: readonly Fault[],
  document: Document,
  lines: LineCounter,
  cause: z.ZodError | undefined,
): AccessError {
  const told = faults.slice(0, MOST_FAULTS).map(({ path, message }) => {
    const { line } = lines.linePos(offsetOf(document, path));
    return `line ${line}, ${path.length === 0 ? 'the rules' : path.join('.')}: ${message}`;
  });
  return new AccessError('access.rules-invalid', told.join('; '), { cause });
}

/** Where a field, or what is nearest to it, begins. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const key of path) {
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (isScalar(pair?.key)) offset = pair.key.range?.[0] ?? offset;
      next = pair?.value;
    } else if (isSeq(node)) {
      next = node.items[Number(key)];
      if (isNode(next)) offset = next.range?.[0] ?? offset;
    }
    node = next;
  }
  return offset;
}

/** Names that are used and stand for nothing. */
function unknownNames({ ungrouped, holidays, schedules, groups, door, people = {} }: WrittenRules): Fault[] {
  const faults: Fault[] = [];
  const check = (known: object, what: string, names: Iterable<string>, ...path: PropertyKey[]): void => {
    for (const name of names)
      if (!Object.hasOwn(known, name)) faults.push({ path, message: `there is no ${what} "${name}" in these rules` });
  };
  const ofSchedules = (when: string | readonly string[] | undefined, ...path: PropertyKey[]): void => {
    check(schedules, 'schedule', when === undefined || typeof when === 'string' ? [] : when, ...path);
  };
  const ofGroups = (names: readonly string[] | undefined, ...path: PropertyKey[]): void => {
    check(groups, 'group', names ?? [], ...path);
  };
  for (const [name, schedule] of Object.entries(schedules))
    for (const list of Object.keys(schedule.holidays))
      check(holidays, 'list of holidays', [list], 'schedules', name, 'holidays', list);
  for (const [name, { when }] of Object.entries(groups)) ofSchedules(when, 'groups', name, 'when');
  if (ungrouped !== undefined) ofGroups([ungrouped], 'ungrouped');
  const { unlock, firstPerson, twoPerson, antiPassback } = door;
  ofSchedules(unlock?.when, 'door', 'unlock', 'when');
  ofGroups(unlock?.after, 'door', 'unlock', 'after');
  ofSchedules(firstPerson?.when, 'door', 'firstPerson', 'when');
  ofGroups(firstPerson?.groups, 'door', 'firstPerson', 'groups');
  ofSchedules(twoPerson?.when, 'door', 'twoPerson', 'when');
  ofGroups(twoPerson?.approvers, 'door', 'twoPerson', 'approvers');
  ofGroups(twoPerson?.exempt, 'door', 'twoPerson', 'exempt');
  ofGroups(antiPassback?.exempt, 'door', 'antiPassback', 'exempt');
  for (const [who, pass] of Object.entries(people)) ofGroups(pass.groups, 'people', who, 'groups');
  return faults;
}
