import { createHash } from 'node:crypto';
import { AccessError } from './access/errors.ts';
import type { Rules } from './access/rules.ts';
import { DEFAULT_RULES, readRules } from './access/rules-file.ts';
import type { StoredRules } from './gallery/access-records.ts';
import type { Gallery } from './gallery/gallery.ts';

/** The rules of a version, as they were written; those of version 0 come with Whorl. */
export function storedRules(gallery: Gallery, version = gallery.rulesVersion): StoredRules {
  if (version > 0) return gallery.rules(version);
  return { version: 0, text: DEFAULT_RULES, operator: 'Whorl', savedAt: '' };
}

/** The rules in force. */
export function currentRules(gallery: Gallery): Rules {
  return readRules(storedRules(gallery).text).rules;
}

/** @throws AccessError `access.unknown-group` */
export function checkGroups({ groups: known }: Rules, groups: readonly string[]): void {
  const unknown = groups.find((name) => !known.has(name));
  if (unknown === undefined) return;
  const names = known.size === 0 ? 'none' : [...known.keys()].join(', ');
  throw new AccessError('access.unknown-group', `the rules have no group "${unknown}"; they have: ${names}`);
}

/** Names what is in force now: the version of the rules, and everybody's pass where these are meant too. */
export function baseOf(gallery: Gallery, withPeople: boolean): string {
  const version = String(gallery.rulesVersion);
  if (!withPeople) return version;
  const passes = [...gallery.passes()].filter(([, pass]) => Object.keys(pass).length > 0);
  return `${version}/${createHash('sha256').update(JSON.stringify(passes)).digest('hex').slice(0, 16)}`;
}

/**
 * Checks that nobody changed anything since a file was exported.
 *
 * @throws AccessError `access.rules-changed`
 */
export function checkBase(gallery: Gallery, basedOn: string): void {
  const [version] = basedOn.split('/');
  if (baseOf(gallery, basedOn.includes('/')) === basedOn) return;
  const { version: current, operator } = storedRules(gallery);
  const what =
    String(current) === version
      ? 'somebody’s pass was changed since this file was exported'
      : `version ${current}, by ${operator}, is in force since this file was exported from version ${version}`;
  throw new AccessError(
    'access.rules-changed',
    `${what}; export again and make your changes there, or undo those of others by --overwrite`,
  );
}
