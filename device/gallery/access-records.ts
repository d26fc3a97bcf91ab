import type { Database, Statement } from 'better-sqlite3';
import { z } from 'zod';
import { GalleryError } from './errors.ts';
import { type Leaders, leadersSchema, type Passage, passageSchema } from './passage.ts';
import type { Vault } from './vault.ts';

const rulesRecordSchema = z.strictObject({ text: z.string(), operator: z.string(), savedAt: z.iso.datetime() });

/** Rules as an operator wrote them, one of their versions. */
export interface StoredRules extends Readonly<z.infer<typeof rulesRecordSchema>> {
  /** Counts from 1. */
  readonly version: number;
}

const FORGIVE = 'forget all passages: whorl people forgive --all';

const rulesContext = (version: number): string => `whorl gallery 1: rules ${version}`;
const LEADERS_CONTEXT = 'whorl gallery 1: leaders';
const passageContext = (person: string): string => `whorl gallery 1: passage of ${person}`;

interface SealedRow {
  readonly sealed: unknown;
}

/**
 * The rules of the door and what they remember, sealed and unsealed. Every method is a part of a transaction that
 * `Gallery` runs.
 */
export class AccessRecords {
  readonly #vault: Vault;
  readonly #rows: Statements;
  /** What was sealed or unsealed last: comparing it is quicker than unsealing a thousand groups for every touch. */
  #leaders: { readonly sealed: Buffer; readonly leaders: Leaders } | undefined;

  constructor(database: Database, vault: Vault) {
    this.#vault = vault;
    this.#rows = prepare(database);
  }

  /** Of the rules in force; 0 before the first. */
  get rulesVersion(): number {
    return this.#rows.version.get()?.rules ?? 0;
  }

  /** @throws GalleryError `gallery.unknown-rules`, `gallery.damaged-record` */
  rules(version: number): StoredRules {
    const row = this.#rows.rules.get(version);
    if (!row && version !== this.rulesVersion)
      throw new GalleryError('gallery.unknown-rules', `there are no rules of version ${version}`);
    const plain = this.#vault.unseal(row?.sealed, rulesContext(version));
    if (!plain)
      throw damage(
        `rules of version ${version}`,
        row ? 'they are not what was sealed' : 'they are lost',
        'import them again',
      );
    return { version, ...rulesRecordSchema.parse(JSON.parse(plain.toString())) };
  }

  rulesVersions(): number[] {
    return this.#rows.versions.all().map(({ version }) => version);
  }

  /** @returns the new version */
  addRules(record: Omit<StoredRules, 'version'>): number {
    const version = this.rulesVersion + 1;
    this.#rows.insertRules.run(version, this.#vault.seal(toJson(record), rulesContext(version)));
    this.#rows.setVersion.run(version);
    return version;
  }

  /** @throws GalleryError `gallery.damaged-record` */
  leaders(): Leaders {
    const sealed = this.#rows.leaders.get()?.leaders;
    if (sealed === null || sealed === undefined) return {};
    const known = this.#leaders;
    if (known && Buffer.isBuffer(sealed) && known.sealed.equals(sealed)) return known.leaders;
    const plain = this.#vault.unseal(sealed, LEADERS_CONTEXT);
    if (!plain) throw damage('record of who came first', 'it is not what was sealed', FORGIVE);
    const leaders = leadersSchema.parse(JSON.parse(plain.toString()));
    if (Buffer.isBuffer(sealed)) this.#leaders = { sealed, leaders };
    return leaders;
  }

  setLeaders(leaders: Leaders): void {
    const sealed = this.#vault.seal(toJson(leaders), LEADERS_CONTEXT);
    this.#rows.setLeaders.run(sealed);
    this.#leaders = { sealed, leaders };
  }

  /**
   * A change that changes nothing but the bytes: SQLite writes nothing, and syncs nothing, where they stay the same.
   *
   * @throws GalleryError `gallery.damaged-record`
   */
  touch(): void {
    this.setLeaders(this.leaders());
  }

  /** @throws GalleryError `gallery.damaged-record` */
  passage(person: string): Passage | undefined {
    const row = this.#rows.passage.get(person);
    if (!row) return undefined;
    const plain = this.#vault.unseal(row.sealed, passageContext(person));
    if (!plain) throw damage(`last passage of ${person}`, 'it is not what was sealed', FORGIVE);
    return passageSchema.parse(JSON.parse(plain.toString()));
  }

  setPassage(person: string, passage: Passage): void {
    this.#rows.setPassage.run(person, this.#vault.seal(toJson(passage), passageContext(person)));
  }

  /** Everything, by the keys of this vault. What is damaged already stays as it is: no key opens it. */
  sealAnew(vault: Vault): void {
    const again = (sealed: unknown, context: string): unknown => {
      const plain = this.#vault.unseal(sealed, context);
      return plain ? vault.seal(plain, context) : sealed;
    };
    for (const { version, sealed } of this.#rows.everyRules.all())
      this.#rows.resealRules.run(again(sealed, rulesContext(version)), version);
    for (const { person, sealed } of this.#rows.everyPassage.all())
      this.#rows.setPassage.run(person, again(sealed, passageContext(person)));
    const leaders = this.#rows.leaders.get()?.leaders;
    if (leaders !== null && leaders !== undefined) this.#rows.setLeaders.run(again(leaders, LEADERS_CONTEXT));
  }

  /** Of this person, or of everybody, and then also who came first. @returns of how many people */
  forgetPassages(person?: string): number {
    if (person !== undefined) return this.#rows.forget.run(person).changes;
    this.#rows.forgetLeaders.run();
    return this.#rows.forgetAll.run().changes;
  }
}

interface Statements {
  readonly version: Statement<[], { rules: number }>;
  readonly setVersion: Statement<[number]>;
  readonly versions: Statement<[], { version: number }>;
  readonly rules: Statement<[number], SealedRow>;
  readonly insertRules: Statement<[number, Buffer]>;
  readonly leaders: Statement<[], { leaders: unknown }>;
  readonly setLeaders: Statement<[unknown]>;
  readonly passage: Statement<[string], SealedRow>;
  readonly setPassage: Statement<[string, unknown]>;
  readonly everyRules: Statement<[], SealedRow & { version: number }>;
  readonly resealRules: Statement<[unknown, number]>;
  readonly everyPassage: Statement<[], SealedRow & { person: string }>;
  readonly forget: Statement<[string]>;
  readonly forgetLeaders: Statement<[]>;
  readonly forgetAll: Statement<[]>;
}

function prepare(database: Database): Statements {
  return {
    version: database.prepare('SELECT rules FROM gallery'),
    setVersion: database.prepare('UPDATE gallery SET rules = ?'),
    versions: database.prepare('SELECT version FROM rules ORDER BY version'),
    rules: database.prepare('SELECT sealed FROM rules WHERE version = ?'),
    insertRules: database.prepare('INSERT INTO rules VALUES (?, ?)'),
    leaders: database.prepare('SELECT leaders FROM gallery'),
    setLeaders: database.prepare('UPDATE gallery SET leaders = ?'),
    passage: database.prepare('SELECT sealed FROM passage WHERE person = ?'),
    setPassage: database.prepare('INSERT OR REPLACE INTO passage VALUES (?, ?)'),
    everyRules: database.prepare('SELECT version, sealed FROM rules'),
    resealRules: database.prepare('UPDATE rules SET sealed = ? WHERE version = ?'),
    everyPassage: database.prepare('SELECT person, sealed FROM passage'),
    forget: database.prepare('DELETE FROM passage WHERE person = ?'),
    forgetLeaders: database.prepare('UPDATE gallery SET leaders = NULL'),
    forgetAll: database.prepare('DELETE FROM passage'),
  };
}

function toJson(record: object): Buffer {
  return Buffer.from(JSON.stringify(record));
}

function damage(what: string, why: string, remedy: string): GalleryError {
  return new GalleryError('gallery.damaged-record', `the ${what} cannot be read (${why}); ${remedy}`);
}
