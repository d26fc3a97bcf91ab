import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eraseGallery } from '../../device/gallery/erase-all.ts';
import { Gallery } from '../../device/gallery/gallery.ts';
import { galleryPath, masterKeyPath, nextKeyPath, openGalleryIn } from '../../device/gallery/open-in-directory.ts';
import { moveMasterKey, masterKeyKeeper, rotateMasterKey } from '../../device/gallery/rotate-key.ts';
import { coded, enrolArtificial } from '../support/gallery.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { scratch } from '../support/scratch.ts';
import { skipWithoutSwtpm, startTpm } from '../support/swtpm.ts';

const FILE = { keeper: 'file' } as const;

function filled(state: string): string {
  const gallery = openGalleryIn(state);
  for (const name of ['Ada', 'Bob']) enrolArtificial(gallery, gallery.addPerson({ name }).id, name);
  gallery.saveRules('rules', 'somebody', new Map());
  const [{ id }] = gallery.contents().people;
  gallery.savePassages([id], { [id]: { at: 1, side: 'entry' } }, { staff: 2 });
  const text = contentsOf(gallery);
  gallery.close();
  return text;
}

function contentsOf(gallery: Gallery): string {
  const { people, damaged } = gallery.contents();
  return JSON.stringify([people, damaged, gallery.rules(1), gallery.passages(people.map(({ id }) => id))]);
}

test('a rotation leaves everybody, and nothing that the old key opens', (context) => {
  const state = scratch(context);
  const before = filled(state);
  const old = readFileSync(masterKeyPath(state));
  const stale = Gallery.open({ path: galleryPath(state), key: old });
  context.after(() => {
    stale.close();
  });
  const { people, kept, scrubbed } = rotateMasterKey(state, FILE);
  assert.equal(people, 2);
  assert.equal(kept.keeper, 'file');
  assert.equal(scrubbed, true);
  assert.notDeepEqual(readFileSync(masterKeyPath(state)), old);
  assert.equal(existsSync(nextKeyPath(state)), false);
  const gallery = openGalleryIn(state);
  assert.equal(contentsOf(gallery), before);
  gallery.close();
  assert.throws(() => Gallery.open({ path: galleryPath(state), key: old }), coded('gallery.wrong-key'));
  // Whoever still works with the old key neither reads nor writes by it.
  assert.throws(() => stale.contents(), coded('gallery.key-changed'));
  assert.throws(() => stale.addPerson({ name: 'Eve' }), coded('gallery.key-changed'));
});

test('a rotation that was cut off is finished by the next opening, or has not begun', (context) => {
  const state = scratch(context);
  const before = filled(state);
  const old = readFileSync(masterKeyPath(state));
  // Before the gallery was locked with it, the next key counts for nothing.
  writeFileSync(nextKeyPath(state), Buffer.alloc(32, 7), { mode: 0o600 });
  openGalleryIn(state).close();
  assert.deepEqual(readFileSync(masterKeyPath(state)), old);
  // Afterwards it is the only one that opens it.
  const next = Buffer.alloc(32, 8);
  writeFileSync(nextKeyPath(state), next, { mode: 0o600 });
  const gallery = openGalleryIn(state);
  gallery.changeKey(next);
  gallery.close();
  const again = openGalleryIn(state);
  assert.equal(contentsOf(again), before);
  again.close();
  assert.deepEqual(readFileSync(masterKeyPath(state)), next);
  assert.equal(existsSync(nextKeyPath(state)), false);
  rotateMasterKey(state, FILE);
});

test('what is erased as a whole opens by no key, old copies of files included', (context) => {
  const [state, copy] = [scratch(context), scratch(context)];
  filled(state);
  copyFileSync(masterKeyPath(state), join(copy, 'gallery.key'));
  const clock = new ManualClock();
  const receipt = eraseGallery(state, clock);
  assert.deepEqual(receipt, {
    kind: 'gallery',
    erasedAt: new Date(clock.now()).toISOString(),
    people: 2,
    templates: 6,
    key: { keeper: 'file', forGood: false },
  });
  assert.deepEqual(
    readdirSync(state).filter((name) => !name.endsWith('.lock')),
    [],
  );
  const empty = openGalleryIn(state);
  assert.deepEqual(empty.contents().people, []);
  assert.equal(empty.rulesVersion, 0);
  empty.close();
  assert.notDeepEqual(readFileSync(masterKeyPath(state)), readFileSync(join(copy, 'gallery.key')));
});

test('an erasure that was cut off after the key can be asked for again', (context) => {
  const state = scratch(context);
  filled(state);
  writeFileSync(masterKeyPath(state), 'half a key', { mode: 0o600 });
  assert.equal(eraseGallery(state, new ManualClock()).people, 2);
  assert.deepEqual(eraseGallery(state, new ManualClock()).people, undefined);
});

test(
  'the master key moves into a TPM; there its erasure is for good, whoever copied the disk',
  {
    skip: skipWithoutSwtpm(),
  },
  async (context) => {
    const [state, copy] = [scratch(context), scratch(context)];
    const before = filled(state);
    const tcti = await startTpm(context);
    assert.equal(moveMasterKey(state, { keeper: 'auto', tcti }).keeper, 'tpm2');
    assert.equal(masterKeyKeeper(state), 'tpm2');
    const gallery = openGalleryIn(state);
    assert.equal(contentsOf(gallery), before);
    gallery.close();
    rotateMasterKey(state, { keeper: 'tpm2', tcti });
    for (const name of ['gallery.key', 'gallery.sqlite']) copyFileSync(join(state, name), join(copy, name));
    const copied = openGalleryIn(copy);
    assert.equal(contentsOf(copied), before);
    copied.close();
    assert.deepEqual(eraseGallery(state, new ManualClock()).key, { keeper: 'tpm2', forGood: true });
    assert.throws(() => openGalleryIn(copy), { code: 'secrets.tpm-failed' });
  },
);
