import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { systemClock } from '../../device/clock.ts';
import { GalleryError } from '../../device/gallery/errors.ts';
import { Gallery } from '../../device/gallery/gallery.ts';
import { openStore } from '../../device/gallery/store.ts';
import { encodeTemplate } from '../../device/gallery/template-codec.ts';
import { artificialTouch } from '../support/artificial-touch.ts';
import { coded, emptyGallery, enrolArtificial, enrolled } from '../support/gallery.ts';
import { scratch } from '../support/scratch.ts';

/** The database and what SQLite keeps beside it, as they lie on the disk. */
function rawBytes(path: string): Buffer {
  return Buffer.concat(
    [path, `${path}-wal`, `${path}-shm`, `${path}-journal`].filter(existsSync).map((file) => readFileSync(file)),
  );
}

/** Every piece of 8 bytes, so that a part of a secret is noticed too. */
function pieces(bytes: Uint8Array): Buffer[] {
  return Array.from({ length: bytes.length - 7 }, (_, i) => Buffer.from(bytes.subarray(i, i + 8)));
}

function blobs(path: string, query: string, ...values: string[]): Buffer[] {
  const database = new Database(path);
  const found = database
    .prepare<string[], Buffer>(query)
    .pluck()
    .all(...values);
  database.close();
  return found;
}

test('what was enrolled is there after opening again', (context) => {
  const { gallery, reopen } = emptyGallery(context);
  const ada = gallery.addPerson({ name: 'Ada Lovelace', externalId: '1815' });
  const finger = enrolled(enrolArtificial(gallery, ada.id, 'ada'));
  const before = gallery.contents();
  const after = reopen().contents();
  assert.deepEqual(after, before);
  assert.deepEqual(after.damaged, []);
  const [person] = after.people;
  assert.equal(person.name, 'Ada Lovelace');
  assert.equal(person.externalId, '1815');
  assert.deepEqual(person.fingers[0].id, finger.id);
  assert.deepEqual(
    person.fingers[0].templates.map(({ template }) => Buffer.from(encodeTemplate(template))),
    [0, 1, 2].map((touch) => Buffer.from(encodeTemplate(artificialTouch('ada', touch)))),
  );
});

test('every change of any process moves the revision, reading does not', (context) => {
  const { gallery, path, key } = emptyGallery(context);
  const other = Gallery.open({ path, key });
  const seen = [gallery.revision];
  const note = (): void => {
    assert.ok(other.revision > (seen.at(-1) ?? 0));
    assert.equal(other.revision, gallery.revision);
    seen.push(other.revision);
  };
  const { id } = gallery.addPerson({ name: 'A' });
  note();
  const finger = enrolled(enrolArtificial(gallery, id, 'a'));
  note();
  gallery.contents();
  assert.equal(gallery.revision, seen.at(-1));
  other.eraseFinger(finger.id);
  note();
  other.erasePerson(id);
  note();
  other.close();
});

test('nothing of a person stands readable in the files', (context) => {
  const { gallery, path, key } = emptyGallery(context);
  const { id } = gallery.addPerson({ name: 'Grace Brewster Hopper', externalId: 'personnel-number-1906' });
  enrolArtificial(gallery, id, 'grace');
  const bytes = rawBytes(path);
  // Were the files not read, nothing would be found in them either.
  assert.ok(bytes.includes(id));
  assert.ok(existsSync(`${path}-wal`));
  const secrets = [
    Buffer.from('Grace Brewster Hopper'),
    Buffer.from('personnel-number-1906'),
    Buffer.from('right-index'),
    Buffer.from('enrolledAt'),
    key,
    ...[0, 1, 2].map((touch) => encodeTemplate(artificialTouch('grace', touch))),
  ];
  for (const secret of secrets)
    for (const piece of pieces(secret)) assert.ok(!bytes.includes(piece), `${piece.toString('hex')} is readable`);
});

test('the files can be read by their owner alone', (context) => {
  const { gallery, path } = emptyGallery(context);
  gallery.addPerson({ name: 'A' });
  for (const file of [path, `${path}-wal`, `${path}-shm`]) assert.equal(statSync(file).mode & 0o077, 0, file);
});

test('an erased person leaves a tombstone, and no byte of keys or templates', (context) => {
  const { gallery, path, reopen } = emptyGallery(context);
  const [kept, gone] = ['Kept', 'Gone'].map((name) => gallery.addPerson({ name }));
  enrolArtificial(gallery, kept.id, 'kept');
  for (const position of ['left-thumb', 'right-index'] as const)
    enrolArtificial(gallery, gone.id, `gone ${position}`, position);
  const sealed = [
    ...blobs(path, 'SELECT wrapped_key FROM person WHERE id = ?', gone.id),
    ...blobs(path, 'SELECT sealed FROM person WHERE id = ?', gone.id),
    ...blobs(path, 'SELECT sealed FROM finger WHERE person = ?', gone.id),
    ...blobs(path, 'SELECT t.sealed FROM template t JOIN finger f ON f.id = finger WHERE person = ?', gone.id),
  ];
  assert.equal(sealed.length, 1 + 1 + 2 + 6);
  for (const blob of sealed) assert.ok(rawBytes(path).includes(blob.subarray(0, 32)));

  const receipt = gallery.erasePerson(gone.id);
  assert.deepEqual(receipt, {
    kind: 'person',
    id: gone.id,
    erasedAt: '2026-01-01T00:00:00.000Z',
    templates: 6,
    scrubbed: true,
  });
  const bytes = rawBytes(path);
  for (const blob of sealed) for (const piece of pieces(blob)) assert.ok(!bytes.includes(piece));
  assert.ok(bytes.includes(kept.id));

  const again = reopen();
  assert.deepEqual(
    again.contents().people.map(({ id }) => id),
    [kept.id],
  );
  assert.deepEqual(again.tombstones(), [{ kind: 'person', id: gone.id, erasedAt: receipt.erasedAt }]);
  assert.throws(() => again.person(gone.id), coded('gallery.unknown-person'));
  assert.throws(() => again.erasePerson(gone.id), coded('gallery.unknown-person'));
});

test('an erased finger takes the key with it that opened it, the other fingers stay', (context) => {
  const { gallery, path } = emptyGallery(context);
  const { id } = gallery.addPerson({ name: 'A' });
  const index = enrolled(enrolArtificial(gallery, id, 'index', 'right-index'));
  const thumb = enrolled(enrolArtificial(gallery, id, 'thumb', 'right-thumb'));
  const before = gallery.person(id);
  const [wrapped] = blobs(path, 'SELECT wrapped_key FROM person');
  const sealed = blobs(path, 'SELECT sealed FROM template WHERE finger = ?', index.id);

  const receipt = gallery.eraseFinger(index.id);
  assert.deepEqual([receipt.kind, receipt.templates, receipt.scrubbed], ['finger', 3, true]);
  for (const blob of [wrapped, ...sealed]) for (const piece of pieces(blob)) assert.ok(!rawBytes(path).includes(piece));
  assert.deepEqual(gallery.contents().damaged, []);
  assert.deepEqual(gallery.person(id), { ...before, fingers: before.fingers.filter((it) => it.id === thumb.id) });
  assert.throws(() => gallery.eraseFinger(index.id), coded('gallery.unknown-finger'));
});

test('a wrong key is told from a damaged file, and harms nothing', (context) => {
  const { gallery, path, key, reopen } = emptyGallery(context);
  gallery.addPerson({ name: 'A' });
  assert.throws(() => Gallery.open({ path, key: randomBytes(32) }), coded('gallery.wrong-key'));
  assert.throws(() => Gallery.open({ path, key: key.subarray(1) }), coded('gallery.key-invalid'));
  assert.equal(reopen().contents().people.length, 1);
});

test('damaged records are named, all others are in use', (context) => {
  const { gallery, path, reopen } = emptyGallery(context);
  const people = ['key', 'record', 'finger', 'template', 'whole'].map((name) => gallery.addPerson({ name }));
  const fingers = people.map(({ id, name }) => enrolled(enrolArtificial(gallery, id, name)));
  const database = new Database(path);
  const flip = (sql: string, id: string): void => {
    database.function('damage', (blob: unknown) => {
      assert.ok(Buffer.isBuffer(blob));
      const copy = Buffer.from(blob);
      copy[copy.length >> 1] ^= 1;
      return copy;
    });
    assert.equal(database.prepare(sql).run(id).changes, 1);
  };
  const template = fingers[3].templates[1].id;
  flip('UPDATE person SET wrapped_key = damage(wrapped_key) WHERE id = ?', people[0].id);
  flip('UPDATE person SET sealed = damage(sealed) WHERE id = ?', people[1].id);
  flip('UPDATE finger SET sealed = damage(sealed) WHERE id = ?', fingers[2].id);
  flip('UPDATE template SET sealed = damage(sealed) WHERE id = ?', template);
  // A record moved to another place is as good as a damaged one.
  const swapped = fingers[4].templates[2].id;
  database
    .prepare('UPDATE template SET sealed = (SELECT sealed FROM template WHERE id = ?) WHERE id = ?')
    .run(fingers[4].templates[0].id, swapped);
  database.close();

  const again = reopen();
  const { people: read, damaged } = again.contents();
  assert.deepEqual(
    damaged.map(({ kind, id, person, error }) => [kind, id, person, error.code]),
    [
      ['person', people[0].id, people[0].id, 'gallery.damaged-record'],
      ['person', people[1].id, people[1].id, 'gallery.damaged-record'],
      ['finger', fingers[2].id, people[2].id, 'gallery.damaged-record'],
      ['template', template, people[3].id, 'gallery.damaged-record'],
      ['template', swapped, people[4].id, 'gallery.damaged-record'],
    ],
  );
  for (const { id, error } of damaged) assert.match(error.message, new RegExp(id));
  assert.deepEqual(
    read.map(({ name, fingers: left }) => [name, left.map(({ templates }) => templates.length)]),
    [
      ['finger', []],
      ['template', [2]],
      ['whole', [2]],
    ],
  );
  assert.throws(() => again.person(people[0].id), coded('gallery.damaged-record'));
  for (const { id } of people.slice(0, 2)) again.erasePerson(id);
  again.eraseFinger(fingers[2].id);
  assert.equal(again.contents().damaged.length, 2);
});

test('a full disk gives a coded error, and nothing is half done', (context) => {
  const path = join(scratch(context), 'gallery.db');
  const key = randomBytes(32);
  const database = openStore(path);
  const gallery = new Gallery(database, key, systemClock);
  context.after(() => {
    gallery.close();
  });
  const { id } = gallery.addPerson({ name: 'A' });
  enrolArtificial(gallery, id, 'first', 'right-index');
  const pages = Number(database.pragma('page_count', { simple: true }));
  database.pragma(`max_page_count = ${pages}`);
  const positions = ['right-thumb', 'right-middle', 'right-ring', 'right-little', 'left-thumb', 'left-index'] as const;
  const full = positions.find((position) => {
    const before = gallery.contents();
    try {
      enrolArtificial(gallery, id, position, position);
      return false;
    } catch (error) {
      assert.ok(coded('gallery.disk-full')(error), String(error));
      assert.deepEqual(gallery.contents(), before);
      return true;
    }
  });
  assert.ok(full, 'the disk never became full');
  database.pragma('max_page_count = 100000');
  assert.equal(enrolArtificial(gallery, id, full, full).kind, 'enrolled');
  assert.equal(gallery.contents().damaged.length, 0);
});

test('files that are no gallery are left alone', (context) => {
  const directory = scratch(context);
  const key = randomBytes(32);
  const text = join(directory, 'text');
  writeFileSync(text, 'Dear diary, this is no database. '.repeat(50));
  assert.throws(() => Gallery.open({ path: text, key }), coded('gallery.not-a-gallery'));
  const other = join(directory, 'other.db');
  new Database(other).exec('CREATE TABLE cats (name)').close();
  const before = readFileSync(other);
  assert.throws(() => Gallery.open({ path: other, key }), coded('gallery.not-a-gallery'));
  assert.deepEqual(readFileSync(other), before);
  assert.throws(() => Gallery.open({ path: directory, key }), coded('gallery.storage'));
  assert.throws(() => Gallery.open({ path: join(directory, 'no', 'gallery.db'), key }), coded('gallery.storage'));
});

test('a gallery of a newer Whorl is not touched', (context) => {
  const { gallery, path, key } = emptyGallery(context);
  gallery.close();
  const database = new Database(path);
  database.pragma('user_version = 99');
  database.close();
  assert.throws(() => Gallery.open({ path, key }), coded('gallery.newer-schema'));
});

test('a damaged file gives a coded error, and nobody goes missing in silence', (context) => {
  const { gallery, path, key } = emptyGallery(context);
  for (let i = 0; i < 20; i++) enrolArtificial(gallery, gallery.addPerson({ name: `${i}` }).id, `${i}`);
  gallery.close();
  const whole = readFileSync(path);
  const outcomes = new Set<string>();
  for (let damage = 0; damage < 40; damage++) {
    const bytes = Buffer.from(whole);
    // Every other time where a page's own bookkeeping stands.
    const at = 100 + Math.floor(((whole.length - 200) * damage) / 40);
    const start = damage % 2 === 0 ? at : Math.floor(at / 4096) * 4096 + 3;
    bytes.fill(0xa5, start, start + (damage % 2 === 0 ? 64 : 2));
    writeFileSync(path, bytes);
    try {
      const opened = Gallery.open({ path, key });
      try {
        const { people, damaged, fileDamage } = opened.contents();
        const templates = people.flatMap(({ fingers }) => fingers.flatMap((finger) => finger.templates));
        assert.ok(templates.length === 60 || damaged.length > 0 || fileDamage, `${damage}: missing in silence`);
        outcomes.add(fileDamage ? 'file' : damaged.length > 0 ? 'records' : 'none');
      } finally {
        opened.close();
      }
    } catch (error) {
      assert.ok(error instanceof GalleryError, String(error));
      outcomes.add(error.code);
    }
  }
  for (const outcome of ['records', 'file', 'gallery.corrupt-file']) assert.ok(outcomes.has(outcome), outcome);
});

test('a closed gallery says so', (context) => {
  const { gallery } = emptyGallery(context);
  gallery.close();
  assert.throws(() => gallery.contents(), coded('gallery.closed'));
  assert.throws(() => gallery.revision, coded('gallery.closed'));
});
