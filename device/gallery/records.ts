import type { Database, Statement } from 'better-sqlite3';
import { GalleryError } from './errors.ts';
import type { Pass } from './pass.ts';
import {
  type Finger,
  type FingerRecord,
  type PackedPerson,
  fingerRecordSchema,
  type Person,
  type PersonRecord,
  personRecordSchema,
  type StoredTemplate,
} from './person.ts';
import { seal, unseal } from '../secrets/seal.ts';
import { decodeTemplate, encodeTemplate } from './template-codec.ts';
import type { Vault } from './vault.ts';

/** A record that is not what was written. What hangs below it is not in use either. It can still be erased. */
export interface DamagedRecord {
  readonly kind: 'person' | 'finger' | 'template';
  readonly id: string;
  /** Id of the person whose it is. */
  readonly person: string;
  /** Code `gallery.damaged-record`. */
  readonly error: GalleryError;
}

/** What stays of something erased, so that no import brings it back. */
export interface Tombstone {
  readonly kind: 'person' | 'finger';
  readonly id: string;
  /** ISO 8601. */
  readonly erasedAt: string;
}

interface Row {
  readonly id: string;
  /** Bytes, unless the file is damaged. */
  readonly sealed: unknown;
}
interface PersonRow extends Row {
  /** The same. */
  readonly wrapped_key: unknown;
}

const personContext = (person: string): string => `whorl gallery 1: person ${person}`;
const fingerContext = (person: string, finger: string): string => `whorl gallery 1: finger ${finger} of ${person}`;
const templateContext = (person: string, finger: string, template: string): string =>
  `whorl gallery 1: template ${template} of ${finger} of ${person}`;

const unpacked = (plain: Buffer) => ({ template: decodeTemplate(plain) });
const packed = (plain: Buffer) => ({ template: decodeTemplate(plain), packed: plain });
const decodePerson = (plain: Buffer): PersonRecord => personRecordSchema.parse(JSON.parse(plain.toString()));
const decodeFinger = (plain: Buffer): FingerRecord => fingerRecordSchema.parse(JSON.parse(plain.toString()));

/** The rows of the gallery, sealed and unsealed. Every method is a part of a transaction that `Gallery` runs. */
export class Records {
  readonly #vault: Vault;
  readonly #rows: Statements;

  constructor(database: Database, vault: Vault) {
    this.#vault = vault;
    this.#rows = prepare(database);
  }

  /** Counts the changes. */
  get revision(): number {
    return this.#rows.revision.get()?.revision ?? 0;
  }

  get size(): number {
    return this.#rows.size.get()?.people ?? 0;
  }

  /** Everybody who can be read; the rest is added to `damaged`. */
  people(damaged: DamagedRecord[]): Person[] {
    const people: Person[] = [];
    for (const row of this.#rows.people.all()) {
      const person = this.#readPerson(row, damaged, unpacked);
      if (person) people.push(person);
    }
    return people;
  }

  /** The same, one after another: no more than one is in memory. */
  eachPerson(damaged: DamagedRecord[], visit: (person: PackedPerson) => void): void {
    for (const row of this.#rows.people.all()) {
      const person = this.#readPerson(row, damaged, packed);
      if (person) visit(person);
    }
  }

  /** @throws GalleryError `gallery.unknown-person`, `gallery.damaged-record` where the person cannot be read at all */
  person(id: string): Person {
    const damaged: DamagedRecord[] = [];
    const person = this.#readPerson(this.#personRow(id), damaged, unpacked);
    if (!person) throw damaged[0].error;
    return person;
  }

  hasPerson(id: string): boolean {
    return this.#rows.person.get(id) !== undefined;
  }

  /** @throws GalleryError `gallery.unknown-person`, `gallery.damaged-record` */
  pass(id: string): Pass {
    const { record, key } = this.#record(id);
    key.fill(0);
    return record.pass;
  }

  /** @throws GalleryError `gallery.unknown-person`, `gallery.damaged-record` */
  setPass(id: string, pass: Pass): void {
    const { record, key } = this.#record(id);
    this.#rows.rewritePerson.run(seal(key, toJson({ ...record, pass }), personContext(id)), id);
    key.fill(0);
  }

  /** Of everybody who can be read, by id. */
  passes(): Map<string, Pass> {
    return new Map([...this.#readable()].map(([id, { pass }]) => [id, pass]));
  }

  /** The external ids of everybody who can be read. */
  externalIds(): Set<string> {
    const found = new Set<string>();
    for (const [, { externalId }] of this.#readable()) if (externalId !== undefined) found.add(externalId);
    return found;
  }

  addPerson({ id, fingers, ...record }: Person): void {
    const { key, wrapped } = this.#vault.makeKey(id);
    this.#rows.insertPerson.run(id, wrapped, seal(key, toJson(record), personContext(id)));
    key.fill(0);
    for (const finger of fingers) this.addFinger(id, finger);
    this.#rows.revise.run();
  }

  addFinger(person: string, { id, templates, ...record }: Finger): void {
    const key = this.#keyOf(this.#personRow(person));
    if (!key) throw damage('person', person, 'its key cannot be unwrapped');
    this.#rows.insertFinger.run(id, person, seal(key, toJson(record), fingerContext(person, id)));
    for (const { id: template, template: touch } of templates)
      this.#rows.insertTemplate.run(
        template,
        id,
        seal(key, encodeTemplate(touch), templateContext(person, id, template)),
      );
    key.fill(0);
    this.#rows.revise.run();
  }

  /** @returns how many templates went */
  removePerson(id: string, erasedAt: string): number {
    if (!this.hasPerson(id)) throw unknownPerson(id);
    const templates = this.#rows.fingersOf.all(id).flatMap((finger) => this.#rows.templatesOf.all(finger.id));
    this.#rows.deletePerson.run(id);
    this.#rows.bury.run(id, 'person', erasedAt);
    this.#rows.revise.run();
    return templates.length;
  }

  /**
   * Seals what is left of the person under a new key, so that the old one goes with the finger.
   *
   * @returns how many templates went
   */
  removeFinger(id: string, erasedAt: string): number {
    const owner = this.#rows.ownerOfFinger.get(id);
    if (!owner) throw new GalleryError('gallery.unknown-finger', `nobody in the gallery has a finger ${id}`);
    const templates = this.#rows.templatesOf.all(id).length;
    this.#rows.deleteFinger.run(id);
    this.#rows.bury.run(id, 'finger', erasedAt);
    this.#changeKey(this.#personRow(owner.person), this.#vault);
    this.#rows.revise.run();
    return templates;
  }

  bury(tombstones: readonly Tombstone[]): void {
    const here = new Set(this.tombstones().map(({ id }) => id));
    for (const { id, kind, erasedAt } of tombstones) if (!here.has(id)) this.#rows.bury.run(id, kind, erasedAt);
  }

  tombstones(): Tombstone[] {
    return this.#rows.tombstones.all();
  }

  #personRow(id: string): PersonRow {
    const row = this.#rows.person.get(id);
    if (!row) throw unknownPerson(id);
    return row;
  }

  #keyOf({ id, wrapped_key }: PersonRow): Buffer | undefined {
    return this.#vault.unwrapKey(id, wrapped_key);
  }

  *#readable(): Generator<readonly [id: string, record: PersonRecord]> {
    for (const row of this.#rows.people.all()) {
      const key = this.#keyOf(row);
      const record = key && open(key, row.sealed, personContext(row.id), decodePerson);
      key?.fill(0);
      if (record && !(record instanceof Error)) yield [row.id, record];
    }
  }

  /** The caller clears the key. */
  #record(id: string): { record: PersonRecord; key: Buffer } {
    const row = this.#personRow(id);
    const key = this.#keyOf(row);
    if (!key) throw damage('person', id, 'its key cannot be unwrapped');
    const record = open(key, row.sealed, personContext(id), decodePerson);
    if (record instanceof Error) throw damage('person', id, record.message, record);
    return { record, key };
  }

  #readPerson<T extends Pick<StoredTemplate, 'template'>>(
    row: PersonRow,
    damaged: DamagedRecord[],
    decode: (plain: Buffer) => T,
  ): (Omit<Person, 'fingers'> & { fingers: (Finger & { templates: (T & { id: string })[] })[] }) | undefined {
    const lose = (kind: DamagedRecord['kind'], id: string, why: Error): void => {
      damaged.push({ kind, id, person: row.id, error: damage(kind, id, why.message, why) });
    };
    const key = this.#keyOf(row);
    if (!key) {
      lose('person', row.id, new Error('its key cannot be unwrapped'));
      return undefined;
    }
    const record = open(key, row.sealed, personContext(row.id), decodePerson);
    if (record instanceof Error) {
      lose('person', row.id, record);
      return undefined;
    }
    const fingers: (Finger & { templates: (T & { id: string })[] })[] = [];
    for (const { id, sealed } of this.#rows.fingersOf.all(row.id)) {
      const finger = open(key, sealed, fingerContext(row.id, id), decodeFinger);
      if (finger instanceof Error) {
        lose('finger', id, finger);
        continue;
      }
      const templates: (T & { id: string })[] = [];
      for (const stored of this.#rows.templatesOf.all(id)) {
        const template = open(key, stored.sealed, templateContext(row.id, id, stored.id), decode);
        if (template instanceof Error) lose('template', stored.id, template);
        else templates.push({ id: stored.id, ...template });
      }
      fingers.push({ id, ...finger, templates });
    }
    key.fill(0);
    return { id: row.id, ...record, fingers };
  }

  /** Everybody, under new keys that this vault wraps. */
  sealAnew(vault: Vault): void {
    for (const row of this.#rows.people.all()) this.#changeKey(row, vault);
    this.#rows.revise.run();
  }

  /** What is damaged already stays as it is: no key opens it. */
  #changeKey(row: PersonRow, vault: Vault): void {
    const person = row.id;
    const old = this.#keyOf(row);
    if (!old) return;
    const { key, wrapped } = vault.makeKey(person);
    const again = (sealed: unknown, context: string): unknown => {
      const plain = unseal(old, sealed, context);
      return plain ? seal(key, plain, context) : sealed;
    };
    this.#rows.resealPerson.run(wrapped, again(row.sealed, personContext(person)), person);
    for (const finger of this.#rows.fingersOf.all(person)) {
      this.#rows.resealFinger.run(again(finger.sealed, fingerContext(person, finger.id)), finger.id);
      for (const { id, sealed } of this.#rows.templatesOf.all(finger.id))
        this.#rows.resealTemplate.run(again(sealed, templateContext(person, finger.id, id)), id);
    }
    old.fill(0);
    key.fill(0);
  }
}

interface Statements {
  readonly revision: Statement<[], { revision: number }>;
  readonly revise: Statement<[]>;
  readonly size: Statement<[], { people: number }>;
  readonly people: Statement<[], PersonRow>;
  readonly person: Statement<[string], PersonRow>;
  readonly fingersOf: Statement<[string], Row>;
  readonly templatesOf: Statement<[string], Row>;
  readonly ownerOfFinger: Statement<[string], { person: string }>;
  readonly tombstones: Statement<[], Tombstone>;
  readonly insertPerson: Statement<[string, Buffer, Buffer]>;
  readonly insertFinger: Statement<[string, string, Buffer]>;
  readonly insertTemplate: Statement<[string, string, Buffer]>;
  readonly rewritePerson: Statement<[Buffer, string]>;
  readonly resealPerson: Statement<[Buffer, unknown, string]>;
  readonly resealFinger: Statement<[unknown, string]>;
  readonly resealTemplate: Statement<[unknown, string]>;
  readonly deletePerson: Statement<[string]>;
  readonly deleteFinger: Statement<[string]>;
  readonly bury: Statement<[string, Tombstone['kind'], string]>;
}

function prepare(database: Database): Statements {
  return {
    revision: database.prepare('SELECT revision FROM gallery'),
    revise: database.prepare('UPDATE gallery SET revision = revision + 1'),
    size: database.prepare('SELECT count(*) AS people FROM person'),
    people: database.prepare('SELECT id, wrapped_key, sealed FROM person ORDER BY rowid'),
    person: database.prepare('SELECT id, wrapped_key, sealed FROM person WHERE id = ?'),
    fingersOf: database.prepare('SELECT id, sealed FROM finger WHERE person = ? ORDER BY rowid'),
    templatesOf: database.prepare('SELECT id, sealed FROM template WHERE finger = ? ORDER BY rowid'),
    ownerOfFinger: database.prepare('SELECT person FROM finger WHERE id = ?'),
    tombstones: database.prepare('SELECT kind, id, erased_at AS erasedAt FROM tombstone ORDER BY rowid'),
    insertPerson: database.prepare('INSERT INTO person VALUES (?, ?, ?)'),
    insertFinger: database.prepare('INSERT INTO finger VALUES (?, ?, ?)'),
    insertTemplate: database.prepare('INSERT INTO template VALUES (?, ?, ?)'),
    rewritePerson: database.prepare('UPDATE person SET sealed = ? WHERE id = ?'),
    resealPerson: database.prepare('UPDATE person SET wrapped_key = ?, sealed = ? WHERE id = ?'),
    resealFinger: database.prepare('UPDATE finger SET sealed = ? WHERE id = ?'),
    resealTemplate: database.prepare('UPDATE template SET sealed = ? WHERE id = ?'),
    deletePerson: database.prepare('DELETE FROM person WHERE id = ?'),
    deleteFinger: database.prepare('DELETE FROM finger WHERE id = ?'),
    bury: database.prepare('INSERT INTO tombstone (id, kind, erased_at) VALUES (?, ?, ?)'),
  };
}

/** Opens one record; an error where it is not what was sealed. */
function open<T>(key: Uint8Array, sealed: unknown, context: string, decode: (plain: Buffer) => T): T | Error {
  const plain = unseal(key, sealed, context);
  if (!plain) return new Error('it is not what was sealed');
  try {
    return decode(plain);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function toJson(record: PersonRecord | FingerRecord): Buffer {
  return Buffer.from(JSON.stringify(record));
}

function damage(kind: DamagedRecord['kind'], id: string, why: string, cause?: Error): GalleryError {
  return new GalleryError(
    'gallery.damaged-record',
    `the ${kind} record ${id} is damaged (${why}); erase it and enrol again, or restore a backup`,
    { cause },
  );
}

function unknownPerson(id: string): GalleryError {
  return new GalleryError('gallery.unknown-person', `the gallery has no person ${id}`);
}
