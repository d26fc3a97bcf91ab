import { AccessError } from './access/errors.ts';
import type { Rules } from './access/rules.ts';
import { readRules } from './access/rules-file.ts';
import { checkBase } from './current-rules.ts';
import type { Report } from './events/event.ts';
import { requirePerson } from './gallery/find-person.ts';
import type { Gallery } from './gallery/gallery.ts';
import type { Pass } from './gallery/pass.ts';
import type { Person } from './gallery/person.ts';

export interface PuttingInForce {
  readonly operator: string;
  /** Also where somebody changed what the file was exported from. */
  readonly overwrite: boolean;
  readonly commit: (report: Report) => void;
}

export interface PutInForce {
  readonly version: number;
  /** How many people's passes came with the rules. */
  readonly passes: number;
  /** Whoever is in no group of these rules and cannot pass. */
  readonly shutOut: readonly Person[];
}

/**
 * Puts rules written in YAML in force as a new version, together with the event that names the operator.
 *
 * @throws AccessError what is wrong with the text, by line and field; `access.rules-changed`
 * @throws GalleryError `gallery.unknown-person`
 */
export function putRulesInForce(gallery: Gallery, text: string, how: PuttingInForce): PutInForce {
  const { operator, overwrite, commit } = how;
  const { rules, people: said = {}, basedOn, text: kept } = readRules(text);
  const { people } = gallery.contents();
  const passes = passesFor(people, said);
  const version = gallery.atomically(() => {
    if (basedOn !== undefined && !overwrite) checkBase(gallery, basedOn);
    const saved = gallery.saveRules(kept, operator, passes);
    commit({ type: 'whorl.rules.imported', data: { operator, version: saved, people: passes.size } });
    return saved;
  });
  const shutOut = people.filter(({ id, pass }) => !hasGroup(rules, passes.get(id) ?? pass));
  return { version, passes: passes.size, shutOut };
}

/** @throws GalleryError `gallery.unknown-person`, AccessError `access.pass-invalid` where a file means somebody twice */
function passesFor(people: readonly Person[], said: Readonly<Record<string, Pass>>): Map<string, Pass> {
  const passes = new Map<string, Pass>();
  for (const [who, pass] of Object.entries(said)) {
    const { id, name } = requirePerson(people, who);
    if (passes.has(id))
      throw new AccessError('access.pass-invalid', `people.${who}: the file speaks of ${name} (${id}) twice`);
    passes.set(id, pass);
  }
  return passes;
}

function hasGroup({ groups, ungrouped }: Rules, pass: Pass): boolean {
  const named = pass.groups ?? [];
  return named.length === 0 ? ungrouped !== undefined : named.some((name) => groups.has(name));
}
