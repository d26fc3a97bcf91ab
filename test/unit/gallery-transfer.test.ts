import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packArchive, unpackArchive } from '../../device/gallery/archive.ts';
import { FINGER_POSITIONS } from '../../device/gallery/finger-position.ts';
import { fingersOfIso, isoOfFinger } from '../../device/gallery/iso-finger.ts';
import { openGalleryIn } from '../../device/gallery/open-in-directory.ts';
import { readIso19794, writeIso19794 } from '../../device/minutiae/iso19794.ts';
import { coded, emptyGallery, enrolArtificial, enrolled } from '../support/gallery.ts';
import { scratch } from '../support/scratch.ts';

const PASSPHRASE = 'correct horse battery staple';

test('an archive carries people, fingers and templates to another gallery', (context) => {
  const { gallery } = emptyGallery(context);
  const [a, b] = ['A', 'B'].map((name) => gallery.addPerson({ name, externalId: name }));
  enrolArtificial(gallery, a.id, 'a', 'left-thumb');
  enrolArtificial(gallery, a.id, 'a2', 'left-index');
  enrolArtificial(gallery, b.id, 'b');
  const { people } = gallery.contents();
  const archive = packArchive(people, PASSPHRASE);
  assert.ok(!archive.includes('left-thumb'));

  const { gallery: other } = emptyGallery(context);
  const unpacked = unpackArchive(archive, PASSPHRASE);
  assert.deepEqual(other.restore(unpacked), { added: [a.id, b.id], present: [], erased: [] });
  assert.deepEqual(other.contents().people, people);
  assert.deepEqual(other.restore(unpacked), { added: [], present: [a.id, b.id], erased: [] });

  assert.throws(() => unpackArchive(archive, 'a wrong passphrase'), coded('gallery.archive-locked'));
  assert.throws(() => unpackArchive(archive.subarray(0, 20), PASSPHRASE), coded('gallery.archive-malformed'));
  assert.throws(() => unpackArchive(Buffer.from('hello'), PASSPHRASE), coded('gallery.archive-malformed'));
  assert.throws(() => packArchive(people, 'too short'), coded('gallery.weak-passphrase'));
});

test('whoever has an external id of an import is here already', (context) => {
  const { gallery } = emptyGallery(context);
  const here = gallery.addPerson({ name: 'A', externalId: '7' });
  const { gallery: other } = emptyGallery(context);
  const [a, b] = ['7', '8'].map((externalId) => other.addPerson({ name: 'B', externalId }));
  assert.deepEqual(gallery.restore(other.contents().people), { added: [b.id], present: [a.id], erased: [] });
  assert.deepEqual(gallery.person(here.id).name, 'A');
});

test('who was erased does not come back by an import, nor does a finger', (context) => {
  const { gallery } = emptyGallery(context);
  const [a, b] = ['A', 'B'].map((name) => gallery.addPerson({ name }));
  enrolArtificial(gallery, a.id, 'a');
  const thumb = enrolled(enrolArtificial(gallery, b.id, 'b thumb', 'left-thumb'));
  const index = enrolled(enrolArtificial(gallery, b.id, 'b index', 'left-index'));
  const { people } = gallery.contents();

  gallery.erasePerson(a.id);
  assert.deepEqual(gallery.restore(people), { added: [], present: [b.id], erased: [a.id] });
  gallery.eraseFinger(thumb.id);
  gallery.restore(people);
  assert.deepEqual(
    gallery.person(b.id).fingers.map(({ id }) => id),
    [index.id],
  );
});

test('a finger as an ISO record and back: to a pixel, 1.4 degrees, and byte by byte', (context) => {
  const { gallery } = emptyGallery(context);
  const { id } = gallery.addPerson({ name: 'A' });
  const finger = enrolled(enrolArtificial(gallery, id, 'a', 'left-ring'));
  const bytes = isoOfFinger(finger);
  assert.deepEqual(Buffer.from(writeIso19794(readIso19794(bytes))), Buffer.from(bytes));
  const [read, ...none] = fingersOfIso(bytes);
  assert.deepEqual(none, []);
  assert.equal(read.position, 'left-ring');
  assert.equal(read.touches.length, 3);
  for (const [i, touch] of read.touches.entries()) {
    const { template } = finger.templates[i];
    assert.equal(touch.quality, template.quality);
    assert.deepEqual(
      [touch.minutiae.width, touch.minutiae.height],
      [template.minutiae.width, template.minutiae.height],
    );
    for (const [j, minutia] of touch.minutiae.minutiae.entries()) {
      const original = template.minutiae.minutiae[j];
      assert.ok(Math.hypot(minutia.x - original.x, minutia.y - original.y) <= Math.SQRT1_2);
      assert.ok(Math.cos(minutia.direction - original.direction) >= Math.cos(Math.PI / 256) - 1e-9);
      assert.equal(minutia.type, original.type);
    }
  }
});

test('a record of several fingers gives each of them', (context) => {
  const { gallery } = emptyGallery(context);
  const { id } = gallery.addPerson({ name: 'A' });
  const records = (['right-thumb', 'left-little', 'unknown'] as const).map((position) =>
    readIso19794(isoOfFinger(enrolled(enrolArtificial(gallery, id, position, position)))),
  );
  const bytes = writeIso19794({ ...records[0], views: records.flatMap(({ views }) => views) });
  assert.deepEqual(
    fingersOfIso(bytes).map(({ position, touches }) => [position, touches.length]),
    [
      ['right-thumb', 3],
      ['left-little', 3],
      ['unknown', 3],
    ],
  );
  assert.equal(FINGER_POSITIONS.indexOf('left-little'), 10);
});

test('a state directory gets a gallery and a key, and never a second key', (context) => {
  const directory = join(scratch(context), 'a', 'state');
  const first = openGalleryIn(directory);
  const { id } = first.addPerson({ name: 'A' });
  first.close();
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  const key = join(directory, 'gallery.key');
  const before = readFileSync(key);
  const second = openGalleryIn(directory);
  assert.equal(second.person(id).name, 'A');
  second.close();
  assert.deepEqual(readFileSync(key), before);

  rmSync(key);
  assert.throws(() => openGalleryIn(directory), coded('gallery.key-missing'));
  assert.ok(!existsSync(key));
});
