import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import colors from 'picocolors';
import packageJson from '../../package.json' with { type: 'json' };
import { claimState } from '../claim-state.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import { Outbox, OUTBOX_FILE } from '../events/outbox.ts';
import { type BackupHeader, checkBackup, packBackup } from '../provision/backup/backup-file.ts';
import { type BackupContent, type BackupSummary, gatherContent } from '../provision/backup/content.ts';
import { BackupError } from '../provision/backup/errors.ts';
import type { Opener, Recipient } from '../provision/backup/recipient.ts';
import { openBackup, restoreBackup } from '../provision/backup/restore.ts';
import { fingerprintOf, hasDeviceKey, makeDeviceKey, readDeviceKey } from '../provision/identity/device-key.ts';
import type { CommandContext } from './command.ts';
import { readInput } from './files.ts';
import { operatorOf, type OperatorOptions, withOperator } from './operator.ts';
import type { Output } from './output.ts';
import { writePrivateFile } from './private-file.ts';
import { type ConfigOptions, readConfig } from './read-config.ts';
import { reportEvents } from './report-events.ts';
import { galleryCommand, withGallery } from './with-gallery.ts';

interface BackupOptions extends ConfigOptions, OperatorOptions {
  readonly passphraseFile?: string;
  readonly recipientFile?: string;
  readonly keyFile?: string;
  readonly signer?: string;
}

export function register({ program, output }: CommandContext): void {
  const group = program
    .command('backup')
    .description('carry a door to a new board: people, rules, sensor, configuration');
  const add = (usage: string, description: string): Command => galleryCommand(group, usage, description);
  const passphrase = ['--passphrase-file <file>', 'holds the recovery passphrase'] as const;
  const key = ['--key-file <file>', 'or the private X25519 key, PEM'] as const;
  const signer = [
    '--signer <fingerprint>',
    'only a backup that the board of this key signed (whorl identity show)',
  ] as const;

  const create = withOperator(add('create', 'write everything that makes this door into one sealed and signed file'));
  create
    .argument('<file>')
    .option(...passphrase)
    .option('--recipient-file <file>', 'or an X25519 public key, PEM: only who holds its private key can open the file')
    .action((file: string, options: BackupOptions) => createBackup(file, options, create, output()));
  const verify = add('verify', 'tell whose a backup is, whether it is whole, and what is in it');
  verify
    .argument('<file>')
    .option(...passphrase)
    .option(...key)
    .option(...signer)
    .action((file: string, options: BackupOptions) => verifyBackup(file, options, output()));
  const restore = withOperator(
    add('restore', 'put a backup on a board on which nobody is enrolled: all of it or nothing'),
  );
  restore
    .argument('<file>')
    .option(...passphrase)
    .option(...key)
    .option(...signer)
    .action((file: string, options: BackupOptions) => restoreTo(file, options, restore, output()));
}

async function createBackup(file: string, options: BackupOptions, command: Command, output: Output): Promise<void> {
  const recipient = await recipientOf(options, command);
  await withGallery(options, async (gallery, config) => {
    const { state, device, keys } = config;
    makeDeviceKey(state, keys);
    let summary: BackupSummary | undefined;
    const signingKey = readDeviceKey(state);
    const origin = {
      device,
      createdAt: new Date(systemClock.now()).toISOString(),
      software: packageJson.version,
      key: signingKey,
    };
    const events = eventsOf(config);
    const bytes = packBackup(origin, recipient, (key) => {
      const [content, gathered] = gatherContent({ config, gallery, ...(events && { events }) }, key);
      summary = gathered;
      return Buffer.from(JSON.stringify(content));
    });
    await writePrivateFile(file, bytes);
    const { people = 0, rules = 0, files = [], leftOut = [] } = summary ?? {};
    reportEvents(config, [{ type: 'whorl.backup.created', data: { operator: operatorOf(options), people } }]);
    const signer = fingerprintOf(signingKey);
    output.result({ file, bytes: bytes.length, people, rules, files, leftOut, signer });
    output.line(
      `${colors.green('written')}: ${file}, ${people} people, rules of version ${rules}, ${files.length} files`,
    );
    output.line(`signed by this board: ${signer}`);
    for (const what of leftOut) output.line(colors.yellow(`left out: ${what}`));
    output.line('keep what opens it away from it: neither the board nor Whorl can open it otherwise');
  });
}

async function verifyBackup(file: string, options: BackupOptions, output: Output): Promise<void> {
  const bytes = Buffer.from(await readInput(file));
  const header = checkBackup(bytes);
  if (options.signer !== undefined) requireSigner(header, options.signer);
  const opener = await openerOf(options);
  const opened = opener && openBackup(bytes, opener);
  output.result({
    ...header,
    ...(opened && {
      people: opened.people.length,
      rules: opened.content.rules !== undefined,
      files: opened.content.files.map(({ path }) => path),
    }),
  });
  output.line(`a backup of ${header.device}, ${header.createdAt}, by Whorl ${header.software}`);
  output.line(`signed by ${header.signer}${options.signer === undefined ? ': compare it with the board’s' : ''}`);
  if (opened) output.line(`${opened.people.length} people, ${opened.content.files.length} files; it can be restored`);
  else output.line('not opened: say --passphrase-file or --key-file to see what is in it');
}

async function restoreTo(file: string, options: BackupOptions, command: Command, output: Output): Promise<void> {
  const config = readConfig(options);
  const opener = await openerOf(options);
  if (opener === undefined) command.error('say --passphrase-file <file> or --key-file <file>');
  const bytes = Buffer.from(await readInput(file));
  const release = claimState(config.state);
  try {
    const { state, keys } = config;
    const restored = restoreBackup(bytes, opener, { state, keys, clock: systemClock }, (header) => {
      acceptSigner(header, config, options);
    });
    const { people, header, files, events } = restored;
    reportEvents(config, [
      { type: 'whorl.backup.restored', data: { operator: operatorOf(options), people, from: header.device } },
    ]);
    output.result(restored);
    output.line(`${colors.green('restored')}: ${people} people of ${header.device}, ${files.length} files`);
    if (events && events.last > events.acknowledged)
      output.line(
        colors.yellow(
          `${events.last - events.acknowledged} events of the old board were on their way then: they are not in a backup`,
        ),
      );
    output.line('this board has keys of its own: give it a certificate by whorl identity claim');
  } finally {
    release();
  }
}

/**
 * A passphrase vouches for a backup itself: nobody else could have made it. Anybody can make one for a public key, so
 * that one must name whose signature counts.
 */
function acceptSigner(header: BackupHeader, { state }: Config, { signer }: BackupOptions): void {
  if (signer !== undefined) requireSigner(header, signer);
  else if (header.kind === 'x25519' && !(hasDeviceKey(state) && fingerprintOf(readDeviceKey(state)) === header.signer))
    throw new BackupError(
      'backup.other-signer',
      `anybody can make a backup for a public key: say whose this is by --signer (it was signed by ${header.signer})`,
    );
}

function requireSigner({ signer }: BackupHeader, wanted: string): void {
  if (signer !== wanted.toLowerCase().replaceAll(':', ''))
    throw new BackupError('backup.other-signer', `the backup was signed by another board: ${signer}`);
}

async function recipientOf({ passphraseFile, recipientFile }: BackupOptions, command: Command): Promise<Recipient> {
  if (passphraseFile !== undefined) return { passphrase: await textOf(passphraseFile) };
  if (recipientFile === undefined) command.error('say --passphrase-file <file> or --recipient-file <file>');
  return { publicKey: await keyOf(recipientFile, createPublicKey) };
}

async function openerOf({ passphraseFile, keyFile }: BackupOptions): Promise<Opener | undefined> {
  if (passphraseFile !== undefined) return { passphrase: await textOf(passphraseFile) };
  return keyFile === undefined ? undefined : { privateKey: await keyOf(keyFile, createPrivateKey) };
}

async function textOf(file: string): Promise<string> {
  return Buffer.from(await readInput(file))
    .toString()
    .trimEnd();
}

async function keyOf(file: string, read: (pem: Buffer) => KeyObject): Promise<KeyObject> {
  const pem = Buffer.from(await readInput(file));
  try {
    return read(pem);
  } catch (cause) {
    throw new BackupError('backup.bad-recipient', `${file} holds no such key in PEM`, { cause });
  }
}

function eventsOf({ state, device, events }: Config): BackupContent['events'] {
  const path = join(state, OUTBOX_FILE);
  if (!existsSync(path)) return undefined;
  const outbox = new Outbox({ path, device, capacity: events.capacity, clock: systemClock });
  try {
    return { last: outbox.last, acknowledged: outbox.acknowledged };
  } finally {
    outbox.close();
  }
}
