import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { WhorlError } from '../../device/errors.ts';
import {
  keeperOfFile,
  destroySecret,
  makeSecret,
  readSecret,
  replaceSecret,
} from '../../device/secrets/secret-file.ts';
import type { KeeperChoice } from '../../device/secrets/keeper.ts';
import { scratch } from '../support/scratch.ts';
import { indexesOf, skipWithoutSwtpm, startTpm } from '../support/swtpm.ts';

const coded =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof WhorlError && error.code === code;

function skipWithoutSystemdCreds(): string | false {
  try {
    execFileSync('systemd-creds', ['encrypt', '--name=whorl.test', '-', '-'], { input: 'x', stdio: 'pipe' });
    return false;
  } catch {
    return 'systemd-creds does not work here (it needs root)';
  }
}

test(
  'a secret in a TPM: its file holds nothing of it, another TPM does not give it, and forgotten it is gone',
  {
    skip: skipWithoutSwtpm(),
  },
  async (context) => {
    const directory = scratch(context);
    const path = join(directory, 'secret');
    const tcti = await startTpm(context);
    const choice: KeeperChoice = { keeper: 'tpm2', tcti };
    const secret = randomBytes(200);
    assert.equal(makeSecret(path, 'secret', () => secret, choice)?.keeper, 'tpm2');
    assert.equal(
      makeSecret(path, 'secret', () => randomBytes(200), choice),
      undefined,
    );
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readSecret(path, 'secret'), { keeper: 'tpm2', secret });
    assert.equal(keeperOfFile(path, 'secret'), 'tpm2');
    for (const form of [secret, Buffer.from(secret.toString('hex')), Buffer.from(secret.toString('base64'))])
      assert.equal(readFileSync(path).includes(form.subarray(0, 20)), false);
    assert.equal(indexesOf(tcti).length, 1);

    const stolen = join(directory, 'stolen');
    writeFileSync(stolen, readFileSync(path, 'utf8').replace(tcti, await startTpm(context)), { mode: 0o600 });
    assert.throws(() => readSecret(stolen, 'secret'), coded('secrets.tpm-failed'));

    const copy = join(directory, 'copy');
    copyFileSync(path, copy);
    const other = randomBytes(32);
    replaceSecret(path, 'secret', other, choice);
    assert.deepEqual(readSecret(path, 'secret').secret, other);
    assert.throws(() => readSecret(copy, 'secret'), coded('secrets.tpm-failed'));
    assert.equal(indexesOf(tcti).length, 1);

    copyFileSync(path, copy);
    assert.deepEqual(destroySecret(path, 'secret'), { keeper: 'tpm2', forGood: true });
    assert.equal(existsSync(path), false);
    assert.throws(() => readSecret(copy, 'secret'), coded('secrets.tpm-failed'));
    assert.deepEqual(indexesOf(tcti), []);
    assert.equal(destroySecret(path, 'secret'), undefined);
  },
);

test('a TPM that is not there: asked for by name it is an error, else the next keeper is taken and it is said why', (context) => {
  const directory = scratch(context);
  const path = join(directory, 'secret');
  const tcti = `swtpm:path=${join(directory, 'nothing')}`;
  const secret = randomBytes(32);
  assert.throws(() => makeSecret(path, 'secret', () => secret, { keeper: 'tpm2', tcti }), coded('secrets.tpm-failed'));
  assert.deepEqual(readdirSync(directory), []);
  const kept = makeSecret(path, 'secret', () => secret, { keeper: 'auto', tcti });
  assert.ok(kept);
  assert.match(kept.passedOver[0], /TPM/);
  assert.deepEqual(readSecret(path, 'secret').secret, secret);
});

test('a secret under systemd’s key of this computer', { skip: skipWithoutSystemdCreds() }, (context) => {
  const path = join(scratch(context), 'secret');
  const secret = randomBytes(32);
  makeSecret(path, 'secret', () => secret, { keeper: 'systemd-creds' });
  assert.deepEqual(readSecret(path, 'secret'), { keeper: 'systemd-creds', secret });
  assert.equal(readFileSync(path).includes(secret.toString('base64').slice(0, 20)), false);
  // A service gets it decrypted, and under its own name only.
  const given = scratch(context);
  writeFileSync(join(given, 'whorl.secret'), 'given by systemd');
  process.env.CREDENTIALS_DIRECTORY = given;
  try {
    assert.equal(readSecret(path, 'secret').secret.toString(), 'given by systemd');
  } finally {
    delete process.env.CREDENTIALS_DIRECTORY;
  }
  assert.deepEqual(destroySecret(path, 'secret'), { keeper: 'systemd-creds', forGood: false });
});

test('a secret moves from a plain file to a better keeper and back', { skip: skipWithoutSwtpm() }, async (context) => {
  const directory = scratch(context);
  const path = join(directory, 'secret');
  const secret = randomBytes(32);
  writeFileSync(path, secret, { mode: 0o600 });
  assert.equal(readSecret(path, 'secret').keeper, 'file');
  const tcti = await startTpm(context);
  for (const keeper of ['tpm2', 'file'] as const) {
    replaceSecret(path, 'secret', secret, { keeper, tcti });
    assert.deepEqual(readSecret(path, 'secret'), { keeper, secret });
    assert.deepEqual(readdirSync(directory), ['secret']);
  }
  assert.deepEqual(indexesOf(tcti), []);
});

test('a file that says nonsense of where its secret is kept', (context) => {
  const path = join(scratch(context), 'secret');
  for (const text of ['', '{}', '{"keeper":"tpm2"}', '{"keeper":"cloud"}', 'null', '[[[[']) {
    writeFileSync(path, `WHORL-KEPT-1\n${text}`, { mode: 0o600 });
    assert.throws(() => readSecret(path, 'secret'), coded('secrets.malformed'));
  }
});
