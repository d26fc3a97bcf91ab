import { randomUUID } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { type Clock, systemClock } from '../clock.ts';
import { AccessRecords, type StoredRules } from './access-records.ts';
import {
  duplicateOf,
  ENROLMENT_POLICY,
  type EnrolmentPolicy,
  type EnrolmentResult,
  problemsOf,
  type TouchComparison,
} from './enrolment.ts';
import { GalleryError } from './errors.ts';
import type { FingerPosition } from './finger-position.ts';
import type { Pass } from './pass.ts';
import type { Leaders, Passage } from './passage.ts';
import {
  type Finger,
  MOST_FINGERS,
  type NewPerson,
  newPersonSchema,
  type PackedPerson,
  type Person,
} from './person.ts';
import { type DamagedRecord, Records, type Tombstone } from './records.ts';
import { fileDamage, openStore, scrub, storing, withoutSync } from './store.ts';
import type { TouchTemplate } from './template-codec.ts';
import { Vault } from './vault.ts';

export interface GalleryOptions {
  /** Of the database file; it is made where it is not there. */
  readonly path: string;
  /** The master key, 32 bytes. */
  readonly key: Uint8Array;
  readonly clock?: Clock;
}

/** Everything enrolled at one moment. */
export interface GalleryContents {
  /** See `Gallery.revision`. */
  readonly revision: number;
  readonly people: readonly Person[];
  /** What could not be read, so that nobody goes missing in silence. All the rest is in `people`. */
  readonly damaged: readonly DamagedRecord[];
  /** Code `gallery.corrupt-file`, where the file was found damaged at opening: then records may be missing unnamed. */
  readonly fileDamage?: GalleryError;
}

export interface EnrolmentRequest {
  /** Somebody's id, or somebody new, who is added together with the finger or not at all. */
  readonly person: string | NewPerson;
  readonly position: FingerPosition;
  readonly touches: readonly TouchTemplate[];
  readonly comparison: TouchComparison;
  readonly policy?: EnrolmentPolicy;
  /** Whether these touches take the place of what is enrolled of this finger. */
  readonly replace?: boolean;
}

/** What an operator can show for an erasure. It says nothing of the person. */
export interface ErasureReceipt extends Tombstone {
  readonly templates: number;
  /** Whether the erased bytes have left the files too; else (disk full, file in use) the next erasure sees to it. */
  readonly scrubbed: boolean;
}

/** What became of each person of an import, by id. */
export interface RestoreResult {
  readonly added: readonly string[];
  /** Are here already, by their id or their external id, and stay as they are. */
  readonly present: readonly string[];
  /** Were erased here before, and do not come back. */
  readonly erased: readonly string[];
}

/**
 * The people who may be recognised and the templates of their fingers, encrypted on disk.
 *
 * Every change is one transaction, and on disk when its method returns, unless it says otherwise. Several processes may have the same gallery
 * open. Methods throw GalleryError: beside the codes that they name, `gallery.disk-full`, `gallery.busy`,
 * `gallery.corrupt-file`, `gallery.storage` and `gallery.closed`; then nothing was changed.
 */
export class Gallery {
  readonly #database: Database;
  #vault: Vault;
  #records: Records;
  #access: AccessRecords;
  readonly #clock: Clock;
  readonly #fileDamage: GalleryError | undefined;

  /**
   * @throws GalleryError `gallery.wrong-key`, `gallery.key-invalid`, `gallery.not-a-gallery`, `gallery.newer-schema`
   */
  static open({ path, key, clock = systemClock }: GalleryOptions): Gallery {
    const database = openStore(path);
    try {
      return storing(path, () => new Gallery(database, key, clock));
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** Over a store that `openStore` opened. */
  constructor(database: Database, key: Uint8Array, clock: Clock) {
    this.#database = database;
    this.#vault = Vault.open(database, key);
    this.#records = new Records(database, this.#vault);
    this.#access = new AccessRecords(database, this.#vault);
    this.#clock = clock;
    this.#fileDamage = fileDamage(database);
  }

  /**
   * Rises with every change of people and fingers by any process: whoever keeps them in memory compares it and reads
   * them anew. Passes, which are read for every touch, do not move it.
   */
  get revision(): number {
    return storing(this.#database.name, () => this.#records.revision);
  }

  /** How many people there are, readable or not. */
  get size(): number {
    return storing(this.#database.name, () => this.#records.size);
  }

  /** Everything, decrypted. */
  contents(): GalleryContents {
    return this.#read(() => {
      const damaged: DamagedRecord[] = [];
      const people = this.#records.people(damaged);
      const found = this.#fileDamage;
      return { revision: this.#records.revision, people, damaged, ...(found && { fileDamage: found }) };
    });
  }

  /**
   * The same for galleries that would not fit into memory unpacked: one person after another.
   *
   * @param visit must not touch the gallery
   */
  eachPerson(visit: (person: PackedPerson) => void): Omit<GalleryContents, 'people' | 'fileDamage'> {
    return this.#read(() => {
      const damaged: DamagedRecord[] = [];
      this.#records.eachPerson(damaged, visit);
      return { revision: this.#records.revision, damaged };
    });
  }

  /** @throws GalleryError `gallery.unknown-person`, `gallery.damaged-record` */
  person(id: string): Person {
    return this.#read(() => this.#records.person(id));
  }

  /** @throws GalleryError `gallery.invalid-person` for a name or external id that cannot be, or is in use */
  addPerson(about: NewPerson, pass: Pass = {}): Person {
    const person = { ...this.#newPerson(about), pass };
    this.#change(() => {
      this.#admit(person);
    });
    return person;
  }

  /**
   * Enrols a finger by several touches, all or none of them. Takes as long as comparing each touch with the whole
   * gallery.
   *
   * @throws GalleryError `gallery.unknown-person`, `gallery.damaged-record`, `gallery.invalid-person`,
   *   `gallery.too-many-fingers`, `gallery.template-invalid`
   */
  enrol(request: EnrolmentRequest): EnrolmentResult {
    const { person: who, position, touches, comparison, policy = ENROLMENT_POLICY, replace = false } = request;
    const isNew = typeof who !== 'string';
    const { id, ...newcomer } = isNew ? this.#newPerson(who) : this.person(who);
    const problems = problemsOf(touches, comparison, policy);
    if (problems.length > 0) return { kind: 'retry', problems };
    for (;;) {
      const { revision, people } = this.contents();
      const person = people.find((other) => other.id === id);
      const present = person?.fingers.find((other) => position !== 'unknown' && other.position === position);
      if (person && present && !replace) return { kind: 'already-enrolled', person, finger: present };
      if (person && !present && person.fingers.length >= MOST_FINGERS)
        throw new GalleryError(
          'gallery.too-many-fingers',
          `${person.name} has ${MOST_FINGERS} fingers enrolled, which is all that people have; erase one first`,
        );
      const duplicate = duplicateOf(touches, people, present, comparison);
      if (duplicate) return duplicate;
      const finger: Finger = {
        id: randomUUID(),
        position,
        enrolledAt: this.#now(),
        templates: touches.map((template) => ({ id: randomUUID(), template })),
      };
      const done = this.#change(() => {
        // Comparing takes long and holds nobody up: whoever was enrolled meanwhile must be compared too.
        if (this.#records.revision !== revision) return false;
        if (present) this.#records.removeFinger(present.id, finger.enrolledAt);
        if (isNew) this.#admit({ id, ...newcomer, fingers: [finger] });
        else this.#records.addFinger(id, finger);
        return true;
      });
      if (!done) continue;
      if (present) scrub(this.#database);
      return { kind: 'enrolled', person: this.person(id), finger };
    }
  }

  /**
   * Destroys a person's key and everything sealed under it.
   *
   * @throws GalleryError `gallery.unknown-person`
   */
  erasePerson(id: string): ErasureReceipt {
    const erasedAt = this.#now();
    const templates = this.#change(() => this.#records.removePerson(id, erasedAt));
    return { kind: 'person', id, erasedAt, templates, scrubbed: scrub(this.#database) };
  }

  /**
   * Erases a finger. What is left of the person is sealed under a new key, so that the old one goes with the finger.
   *
   * @throws GalleryError `gallery.unknown-finger`
   */
  eraseFinger(id: string): ErasureReceipt {
    const erasedAt = this.#now();
    const templates = this.#change(() => this.#records.removeFinger(id, erasedAt));
    return { kind: 'finger', id, erasedAt, templates, scrubbed: scrub(this.#database) };
  }

  /**
   * What a person may do, read anew each time: it holds for the very next touch.
   *
   * @throws GalleryError `gallery.unknown-person`, `gallery.damaged-record`
   */
  pass(id: string): Pass {
    return this.#read(() => this.#records.pass(id));
  }

  /** Of everybody who can be read, by id. */
  passes(): Map<string, Pass> {
    return this.#read(() => this.#records.passes());
  }

  /** @throws GalleryError `gallery.unknown-person`, `gallery.damaged-record` */
  setPass(id: string, pass: Pass): void {
    this.#change(() => {
      this.#records.setPass(id, pass);
    });
  }

  /** Of the rules in force; 0 before the first were saved. */
  get rulesVersion(): number {
    return storing(this.#database.name, () => this.#access.rulesVersion);
  }

  /** @throws GalleryError `gallery.unknown-rules`, `gallery.damaged-record` */
  rules(version: number): StoredRules {
    return this.#read(() => this.#access.rules(version));
  }

  /** Every version of the rules, the oldest first. Whoever cannot read one learns why from `rules`. */
  rulesVersions(): number[] {
    return this.#read(() => this.#access.rulesVersions());
  }

  /**
   * Puts rules in force, and passes with them, all or nothing. Nobody checks them here.
   *
   * @returns their version
   * @throws GalleryError `gallery.unknown-person`, `gallery.damaged-record`
   */
  saveRules(text: string, operator: string, passes: ReadonlyMap<string, Pass>): number {
    return this.#change(() => {
      for (const [id, pass] of passes) this.#records.setPass(id, pass);
      return this.#access.addRules({ text, operator, savedAt: this.#now() });
    });
  }

  /**
   * What the rules remember: the last passage of these people, and who came first.
   *
   * @throws GalleryError `gallery.damaged-record`
   */
  passages(people: readonly string[]): { passages: Record<string, Passage>; leaders: Leaders } {
    return this.#read(() => {
      const passages: Record<string, Passage> = {};
      for (const person of people) {
        const passage = this.#access.passage(person);
        if (passage) passages[person] = passage;
      }
      return { passages, leaders: this.#access.leaders() };
    });
  }

  /**
   * Of these people; whoever has no passage any more is forgotten. Who came first is left alone where nothing is said
   * of it. The death of any process leaves it written; a power cut does so only after `settle`.
   */
  savePassages(people: readonly string[], passages: Readonly<Record<string, Passage>>, leaders?: Leaders): void {
    withoutSync(this.#database, () => {
      this.#change(() => {
        for (const person of people)
          if (Object.hasOwn(passages, person)) this.#access.setPassage(person, passages[person]);
          else this.#access.forgetPassages(person);
        if (leaders) this.#access.setLeaders(leaders);
      });
    });
  }

  /** Takes as long as the disk does; afterwards everything that was written outlives a power cut. */
  settle(): void {
    this.#change(() => {
      this.#access.touch();
    });
  }

  /** Lets a person begin anew before anti-passback, or everybody and who came first too. @returns how many people */
  forgetPassages(person?: string): number {
    return this.#change(() => this.#access.forgetPassages(person));
  }

  /**
   * Makes everything that the action does to this gallery one change: all of it, or nothing where the action throws.
   * Meanwhile no other process changes anything, so it must be short. Erasures have their own.
   */
  atomically<T>(action: () => T): T {
    return this.#change(action);
  }

  tombstones(): Tombstone[] {
    return this.#read(() => this.#records.tombstones());
  }

  /** Takes over the tombstones of another gallery, so that nobody who was erased there comes back here. */
  bury(tombstones: readonly Tombstone[]): void {
    this.#change(() => {
      this.#records.bury(tombstones);
    });
  }

  /**
   * Puts people back as they were, under their own ids, but neither people nor fingers that were erased here. Their
   * fingers are not compared with those enrolled: they passed the checks of the gallery that they come from.
   */
  restore(people: readonly Person[]): RestoreResult {
    return this.#change(() => {
      const buried = new Set(this.#records.tombstones().map(({ id }) => id));
      const taken = this.#records.externalIds();
      const added: string[] = [];
      const present: string[] = [];
      const erased: string[] = [];
      for (const person of people) {
        const { id, externalId } = person;
        if (buried.has(id)) erased.push(id);
        else if (this.#records.hasPerson(id) || (externalId !== undefined && taken.has(externalId))) present.push(id);
        else {
          this.#records.addPerson({ ...person, fingers: person.fingers.filter((finger) => !buried.has(finger.id)) });
          if (externalId !== undefined) taken.add(externalId);
          added.push(id);
        }
      }
      return { added, present, erased };
    });
  }

  /**
   * Locks the gallery with another master key, and seals every record anew under new keys of the persons: the old master
   * key opens nothing any more. All or nothing. Whoever else has the gallery open gets `gallery.key-changed` from then on.
   *
   * @returns whether the bytes that the old key opens have left the files too; else the next erasure sees to it
   * @throws GalleryError `gallery.key-invalid`
   */
  changeKey(masterKey: Uint8Array): boolean {
    const [vault, records, access] = this.#change(() => {
      const next = Vault.relock(this.#database, masterKey);
      this.#records.sealAnew(next);
      this.#access.sealAnew(next);
      return [next, new Records(this.#database, next), new AccessRecords(this.#database, next)] as const;
    });
    this.#vault.close();
    this.#vault = vault;
    this.#records = records;
    this.#access = access;
    return scrub(this.#database);
  }

  close(): void {
    this.#vault.close();
    this.#database.close();
  }

  #newPerson(about: NewPerson): Person {
    const checked = newPersonSchema.safeParse(about);
    if (checked.success) return { id: randomUUID(), ...checked.data, createdAt: this.#now(), pass: {}, fingers: [] };
    const [issue] = checked.error.issues;
    throw new GalleryError('gallery.invalid-person', `the person's ${issue.path.join('.')}: ${issue.message}`);
  }

  #admit(person: Person): void {
    const { externalId } = person;
    if (externalId !== undefined && this.#records.externalIds().has(externalId))
      throw new GalleryError('gallery.invalid-person', `the external id ${externalId} belongs to somebody else`);
    this.#records.addPerson(person);
  }

  #read<T>(action: () => T): T {
    return storing(this.#database.name, () => this.#database.transaction(this.#locked(action)).deferred());
  }

  #change<T>(action: () => T): T {
    return storing(this.#database.name, () => this.#database.transaction(this.#locked(action)).immediate());
  }

  #locked<T>(action: () => T): () => T {
    return () => {
      this.#vault.requireLock();
      return action();
    };
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}
