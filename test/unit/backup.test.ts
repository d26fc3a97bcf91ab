import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../device/clock.ts';
import { Gallery } from '../../device/gallery/gallery.ts';
import { galleryPath, masterKeyPath, openGalleryIn } from '../../device/gallery/open-in-directory.ts';
import { checkBackup } from '../../device/provision/backup/backup-file.ts';
import type { Opener } from '../../device/provision/backup/recipient.ts';
import { openBackup, restoreBackup } from '../../device/provision/backup/restore.ts';
import { fingerprintOf } from '../../device/provision/identity/device-key.ts';
import { backUp, DEVICE_KEY, everythingIn, furnish, NAMES, PASSPHRASE } from '../support/backup.ts';
import { enrolArtificial } from '../support/gallery.ts';
import { scratch } from '../support/scratch.ts';

const FILE = { keeper: 'file' } as const;
const opener: Opener = { passphrase: PASSPHRASE };
const restore = (bytes: Buffer, state: string, by: Opener = opener) =>
  restoreBackup(bytes, by, { state, keys: FILE, clock: systemClock }, () => undefined);

test('a door is carried to a new board, which has keys of its own', (context) => {
  const [old, fresh] = [scratch(context), scratch(context)];
  furnish(old);
  const bytes = backUp(old, { passphrase: PASSPHRASE });
  assert.deepEqual(checkBackup(bytes), {
    device: 'old-door',
    createdAt: '2026-01-01T00:00:00.000Z',
    software: 'test',
    kind: 'scrypt',
    signer: fingerprintOf(DEVICE_KEY),
  });
  const { people, files } = restore(bytes, fresh);
  assert.equal(people, NAMES.length);
  assert.deepEqual(files, ['sensor.json', 'calibration/R503/42.json', 'config.json']);
  assert.equal(everythingIn(fresh), everythingIn(old));
  for (const file of ['sensor.json', 'calibration/R503/42.json'])
    assert.deepEqual(readFileSync(join(fresh, file)), readFileSync(join(old, file)));
  assert.deepEqual(JSON.parse(readFileSync(join(fresh, 'config.json'), 'utf8')), {
    device: 'old-door',
    broker: { url: 'mqtt://door@broker.example:1883' },
  });
  assert.equal(statSync(masterKeyPath(fresh)).mode & 0o777, 0o600);
  // Neither board's key opens anything of the other.
  for (const [mine, other] of [
    [old, fresh],
    [fresh, old],
  ])
    assert.throws(() => Gallery.open({ path: galleryPath(other), key: readFileSync(masterKeyPath(mine)) }), {
      code: 'gallery.wrong-key',
    });
  // In the clear stands nothing of anybody.
  for (const secret of [...NAMES, 'secret-password', 'staff', 'R503'])
    assert.equal(bytes.includes(secret), false, secret);
});

test('a backup for a public key opens by the private one only', (context) => {
  const [old, fresh] = [scratch(context), scratch(context)];
  furnish(old);
  const keys = generateKeyPairSync('x25519');
  const bytes = backUp(old, { publicKey: keys.publicKey });
  const stranger = generateKeyPairSync('x25519').privateKey;
  for (const wrong of [{ privateKey: stranger }, opener])
    assert.throws(() => restore(bytes, fresh, wrong), { code: 'backup.locked' });
  assert.throws(() => restore(bytes, fresh, { privateKey: DEVICE_KEY }), { code: 'backup.bad-recipient' });
  restore(bytes, fresh, { privateKey: keys.privateKey });
  assert.equal(everythingIn(fresh), everythingIn(old));
  assert.throws(() => backUp(old, { publicKey: DEVICE_KEY }), { code: 'backup.bad-recipient' });
  assert.throws(() => backUp(old, { passphrase: 'too short' }), { code: 'backup.weak-passphrase' });
});

test('what is cut off, changed, newer or locked is refused by its code, and nothing is changed', (context) => {
  const [old, fresh] = [scratch(context), scratch(context)];
  furnish(old);
  const bytes = backUp(old, { passphrase: PASSPHRASE });
  const refused = (changed: Buffer, code: RegExp, by: Opener = opener): void => {
    assert.throws(
      () => restore(changed, fresh, by),
      (error: { code: string }) => code.test(error.code),
    );
    assert.deepEqual(readdirSync(fresh), []);
  };
  for (let length = 0; length < bytes.length; length += 1 + Math.floor(bytes.length / 200))
    refused(bytes.subarray(0, length), /^backup\.(malformed|bad-signature)$/);
  for (let at = 0; at < bytes.length; at += 1 + Math.floor(bytes.length / 400)) {
    const changed = Buffer.from(bytes);
    changed[at] ^= 1 << (at % 8);
    refused(changed, /^backup\.(malformed|bad-signature|newer-version)$/);
  }
  refused(Buffer.concat([bytes, Buffer.from('more')]), /^backup\.bad-signature$/);
  refused(Buffer.from(bytes.toString('latin1').replace('BACKUP-1', 'BACKUP-2'), 'latin1'), /^backup\.newer-version$/);
  refused(bytes, /^backup\.locked$/, { passphrase: `${PASSPHRASE}!` });
  refused(bytes, /^backup\.locked$/, { privateKey: generateKeyPairSync('x25519').privateKey });
  restore(bytes, fresh);
});

test('a signer that is not to be trusted, and a board that is in use', (context) => {
  const [old, fresh] = [scratch(context), scratch(context)];
  furnish(old);
  const bytes = backUp(old, { passphrase: PASSPHRASE });
  assert.throws(
    () =>
      restoreBackup(bytes, opener, { state: fresh, keys: FILE, clock: systemClock }, () => {
        throw new Error('not this one');
      }),
    /not this one/,
  );
  assert.deepEqual(readdirSync(fresh), []);
  const gallery = openGalleryIn(fresh);
  enrolArtificial(gallery, gallery.addPerson({ name: 'Somebody' }).id, 'somebody');
  gallery.close();
  assert.throws(() => restore(bytes, fresh), { code: 'backup.not-empty' });
  assert.equal(openBackup(bytes, opener).people.length, NAMES.length);
  const after = openGalleryIn(fresh);
  assert.deepEqual(
    after.contents().people.map(({ name }) => name),
    ['Somebody'],
  );
  after.close();
});

test('a restore that was cut off while its files took their places goes on at the next opening', (context) => {
  const [old, fresh] = [scratch(context), scratch(context)];
  furnish(old);
  const bytes = backUp(old, { passphrase: PASSPHRASE });
  const whole = everythingIn(old);
  const files = ['calibration/R503/42.json', 'config.json', 'gallery.key', 'gallery.sqlite', 'sensor.json'];
  for (let done = 0; done <= files.length; done++) {
    const state = join(fresh, `${done}`);
    // An empty gallery of its own is in the way, with what SQLite keeps beside it.
    const before = openGalleryIn(state);
    writeFileSync(`${galleryPath(state)}-journal`, '');
    before.close();
    restore(bytes, join(fresh, 'elsewhere', `${done}`));
    mkdirSync(join(state, 'arriving'));
    for (const file of files) {
      const target = join(state, 'arriving', file);
      mkdirSync(join(target, '..'), { recursive: true });
      renameSync(join(fresh, 'elsewhere', `${done}`, file), target);
    }
    for (const file of files.slice(0, done)) {
      mkdirSync(join(state, file, '..'), { recursive: true });
      renameSync(join(state, 'arriving', file), join(state, file));
    }
    assert.equal(everythingIn(state), whole, `after ${done} files`);
    for (const file of files) assert.ok(existsSync(join(state, file)));
    assert.equal(existsSync(join(state, 'arriving')), false);
  }
});
