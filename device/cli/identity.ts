import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import colors from 'picocolors';
import { systemClock } from '../clock.ts';
import { masterKeyPath } from '../gallery/open-in-directory.ts';
import { masterKeyKeeper, moveMasterKey } from '../gallery/rotate-key.ts';
import { type DeviceCertificate, readCertificate } from '../provision/identity/certificate.ts';
import { claimCertificate, renewCertificate } from '../provision/identity/claim.ts';
import {
  deviceKeyKeeper,
  fingerprintOf,
  hasDeviceKey,
  makeDeviceKey,
  moveDeviceKey,
  readDeviceKey,
} from '../provision/identity/device-key.ts';
import { KEEPER_WORDS, type KeeperChoice, type KeptSecret } from '../secrets/keeper.ts';
import type { CommandContext } from './command.ts';
import { readInput } from './files.ts';
import { keeperChoice, keeperOption } from './keeper.ts';
import { operatorOf, type OperatorOptions, withOperator } from './operator.ts';
import type { Output } from './output.ts';
import { writePrivateFile } from './private-file.ts';
import { type ConfigOptions, readConfig } from './read-config.ts';
import { reportEvents } from './report-events.ts';
import { galleryCommand } from './with-gallery.ts';

interface IdentityOptions extends ConfigOptions, OperatorOptions {
  readonly keeper?: KeeperChoice['keeper'];
}

interface ClaimOptions extends IdentityOptions {
  readonly ca: string;
  readonly code: string;
}

export function register({ program, output }: CommandContext): void {
  const group = program
    .command('identity')
    .description('who this board is: its key, its certificate, and what keeps them');
  const add = (usage: string, description: string): Command => galleryCommand(group, usage, description);

  add('show', 'what keeps the keys of this board, said plainly, and its certificate').action(
    (options: IdentityOptions) => {
      show(options, output());
    },
  );
  add('create', 'make the board’s key pair')
    .addOption(keeperOption())
    .action((options: IdentityOptions) => {
      create(options, output());
    });
  add('request', 'write a request for a certificate (PKCS #10, PEM)')
    .argument('<file>')
    .action((file: string, options: IdentityOptions) => writeRequest(file, options, output()));
  const claim = withOperator(add('claim', 'get a certificate for a one-time code'));
  claim
    .argument('<url>', 'of the claim service, https')
    .requiredOption('--ca <file>', 'certificate of the authority, PEM: only its service is trusted')
    .requiredOption('--code <code>', 'the one-time code')
    .addOption(keeperOption())
    .action((url: string, options: ClaimOptions) => claimFrom(url, options, output()));
  withOperator(add('renew', 'get another certificate by the one that the board has')).action(
    (options: IdentityOptions) => renew(options, output()),
  );
  add('seal', 'give the keys of this board, as they are, to another keeper')
    .addOption(keeperOption())
    .action((options: IdentityOptions) => {
      seal(options, output());
    });
}

function show(options: IdentityOptions, output: Output): void {
  const { state, device } = readConfig(options);
  const masterKey = existsSync(masterKeyPath(state)) ? masterKeyKeeper(state) : undefined;
  const deviceKey = hasDeviceKey(state) ? deviceKeyKeeper(state) : undefined;
  const fingerprint = deviceKey && fingerprintOf(readDeviceKey(state));
  const certificate = readCertificate(state);
  output.result({
    device,
    keepers: { masterKey: masterKey ?? null, deviceKey: deviceKey ?? null },
    fingerprint: fingerprint ?? null,
    certificate: certificate ? asTimes(certificate) : null,
  });
  output.line(`master key: ${masterKey === undefined ? 'none yet' : KEEPER_WORDS[masterKey]}`);
  output.line(`device key: ${deviceKey === undefined ? 'none yet: whorl identity create' : KEEPER_WORDS[deviceKey]}`);
  if (deviceKey !== undefined)
    output.line(colors.dim('while it runs, the terminal has its keys in memory: root on this board can read them'));
  if (fingerprint !== undefined) output.line(`fingerprint: ${fingerprint}`);
  if (certificate === undefined) output.line('certificate: none yet: whorl identity claim');
  else tell(certificate, output);
}

function create(options: IdentityOptions, output: Output): void {
  const config = readConfig(options);
  const kept = makeDeviceKey(config.state, keeperChoice(config, options.keeper));
  const fingerprint = fingerprintOf(readDeviceKey(config.state));
  const keeper = kept?.keeper ?? deviceKeyKeeper(config.state);
  output.result({ made: kept !== undefined, keeper, passedOver: kept?.passedOver ?? [], fingerprint });
  output.line(kept ? colors.green('made a key pair') : 'this board has a key pair already');
  tellKeeper('device key', { keeper, passedOver: kept?.passedOver ?? [] }, output);
  output.line(`fingerprint: ${fingerprint}`);
}

async function writeRequest(file: string, options: IdentityOptions, output: Output): Promise<void> {
  const { state, device } = readConfig(options);
  const { certificateRequest } = await import('../provision/identity/request.ts');
  await writePrivateFile(file, await certificateRequest(device, readDeviceKey(state)));
  output.result({ file, device });
  output.line(`${colors.green('written')}: ${file}, for ${device}`);
}

async function claimFrom(url: string, options: ClaimOptions, output: Output): Promise<void> {
  const config = readConfig(options);
  const authority = Buffer.from(await readInput(options.ca)).toString();
  const { state, device } = config;
  const keys = keeperChoice(config, options.keeper);
  const board = { state, device, keys, clock: systemClock };
  const certificate = await claimCertificate(board, { url, authority }, options.code);
  report(options, certificate);
  output.result(asTimes(certificate));
  tell(certificate, output);
}

async function renew(options: IdentityOptions, output: Output): Promise<void> {
  const { state, device } = readConfig(options);
  const certificate = await renewCertificate({ state, device, clock: systemClock });
  report(options, certificate);
  output.result(asTimes(certificate));
  tell(certificate, output);
}

function seal(options: IdentityOptions, output: Output): void {
  const config = readConfig(options);
  const { state } = config;
  const choice = keeperChoice(config, options.keeper ?? 'auto');
  const moved = {
    ...(existsSync(masterKeyPath(state)) && { 'master key': moveMasterKey(state, choice) }),
    ...(hasDeviceKey(state) && { 'device key': moveDeviceKey(state, choice) }),
  };
  output.result(
    Object.fromEntries(Object.entries(moved).map(([name, { keeper, passedOver }]) => [name, { keeper, passedOver }])),
  );
  for (const [name, kept] of Object.entries(moved)) tellKeeper(name, kept, output);
  output.line('whoever copied the old files can open copies of the gallery still: whorl gallery rotate-key ends that');
}

function tellKeeper(name: string, { keeper, passedOver }: Omit<KeptSecret, 'content'>, output: Output): void {
  const words = `${name}: ${KEEPER_WORDS[keeper]}`;
  output.line(keeper === 'file' ? colors.yellow(words) : words);
  for (const reason of passedOver) output.line(colors.yellow(`not kept better: ${reason}`));
}

function report(options: IdentityOptions, { validUntil }: DeviceCertificate): void {
  const data = { operator: operatorOf(options), validUntil: iso(validUntil) };
  reportEvents(readConfig(options), [{ type: 'whorl.identity.certified', data }]);
}

function tell(certificate: DeviceCertificate, output: Output): void {
  const { name, issuer, validUntil, renewAt } = certificate;
  const words = `certificate: ${name}, of ${issuer}, until ${iso(validUntil)}, renewed from ${iso(renewAt)} on`;
  output.line(validUntil > systemClock.now() ? words : colors.red(`${words}: it has run out`));
}

function asTimes({ name, issuer, validFrom, validUntil, renewAt }: DeviceCertificate): Record<string, string> {
  return { name, issuer, validFrom: iso(validFrom), validUntil: iso(validUntil), renewAt: iso(renewAt) };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
